"""States and versions of the local home, as a user's operations leave them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.errors import PassphraseError, StateConflictError, StateError
from stateroom.model.values import Secret
from stateroom.model.version import UpdateSummary
from stateroom.state.repository.raw_repository import RENAME
from tests.state.builders import BEN, deploy, everything_in, function, home_in, queue, snapshot

STATE = ".stateroom/app/orders/dev.json"


def test_looking_at_a_project_that_was_never_deployed_creates_nothing(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert home.load("orders", "dev") is None
    assert home.etag("orders", "dev") is None
    assert home.versions("orders", "dev") == ()
    assert home.leftover("orders", "dev") is None
    assert home.services() == ()
    assert not home.packages.has("0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_what_one_process_commits_the_next_loads(tmp_path: Path) -> None:
    state = snapshot(queue(), function("Fn", "Queue", Token=Secret("hunter2")), url="https://…")
    committed = deploy(home_in(tmp_path), state)
    loaded = home_in(tmp_path).load("orders", "dev")
    assert loaded is not None
    assert (loaded.etag, loaded.number) == (committed.etag, 1)
    assert replace(loaded.snapshot, carried=None) == state


def test_versions_count_up_and_can_be_loaded(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    first = deploy(home, snapshot(queue()))
    second = deploy(home, replace(first.snapshot, records=(queue(Delay=5),)), first.etag, "heal")
    assert (first.number, second.number) == (1, 2)
    versions = home_in(tmp_path).versions("orders", "dev")
    assert [(item.number, item.command, item.user, item.current) for item in versions] == [
        (2, "heal", "ana", True),
        (1, "deploy", "ana", False),
    ]
    assert versions[0].created == 1
    assert versions[0].completed is not None
    assert home.load_version("orders", "dev", 1).records == (queue(),)
    assert home.load_version("orders", "dev", 2).records == (queue(Delay=5),)


def test_a_version_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    first = deploy(home, snapshot(queue()))
    deploy(home, first.snapshot, first.etag)
    with pytest.raises(StateError) as caught:
        home.load_version("orders", "dev", 7)
    assert "no version 7" in caught.value.what
    assert "1, 2" in caught.value.why


def test_a_commit_over_a_state_that_has_moved_writes_nothing(tmp_path: Path) -> None:
    ana, ben = home_in(tmp_path), home_in(tmp_path, holder=BEN)
    first = deploy(ana, snapshot(queue()))
    deploy(ben, replace(first.snapshot, records=(queue(By="ben"),)), first.etag)
    update = ana.begin("orders", "dev", "deploy")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    with pytest.raises(StateConflictError, match="changed by someone else"):
        ana.commit(snapshot(queue(By="ana")), expected=first.etag, update=update, summary=UpdateSummary())
    with pytest.raises(StateConflictError):
        ana.commit(snapshot(queue(By="ana")), expected=None, update=update, summary=UpdateSummary())
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_a_commit_that_breaks_a_rule_writes_nothing(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    broken = snapshot(queue(), replace(queue(), physical_id="twin"))
    with pytest.raises(StateError, match="integrity"):
        home.commit(broken, expected=None, update=update, summary=UpdateSummary())
    assert not (tmp_path / STATE).exists()
    assert home.versions("orders", "dev") == ()


def test_a_wrong_passphrase_writes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    deploy(home_in(tmp_path, "right"), snapshot(queue(Token=Secret("x"))))
    before = everything_in(tmp_path)
    with pytest.raises(PassphraseError, match="given"):
        home_in(tmp_path, "wrong").load("orders", "dev")
    assert everything_in(tmp_path) == before
    assert home_in(tmp_path, "right").load("orders", "dev") is not None


def test_that_no_secret_could_be_stored_is_known_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError):
        home_in(tmp_path, None).prepare_secrets("orders", "dev")
    assert list(tmp_path.iterdir()) == []
    deploy(home_in(tmp_path, "right"), snapshot(queue(Token=Secret("x"))))
    home_in(tmp_path, "right").prepare_secrets("orders", "dev")


def test_the_title_line_learns_where_the_passphrase_came_from(tmp_path: Path) -> None:
    plain = home_in(tmp_path)
    assert plain.passphrase_source == ""
    deploy(plain, snapshot(queue()))
    plain.load("orders", "dev")
    assert plain.passphrase_source == "not needed"
    secret = home_in(tmp_path)
    deploy(secret, snapshot(queue(Token=Secret("x"))), secret.etag("orders", "dev"))
    assert secret.passphrase_source == "given"
    locked = home_in(tmp_path, None)
    with pytest.raises(PassphraseError):
        locked.load("orders", "dev")
    assert locked.passphrase_source == "locked"


def test_no_file_of_the_home_shows_a_secret(tmp_path: Path) -> None:
    home = home_in(tmp_path, "the passphrase")
    records = queue(Token=Secret("hunter2")), function("Fn", "Queue", Env={"KEY": Secret(["hunter2"])})
    update = home.begin("orders", "dev", "deploy")
    journal = home.journal(update, None)
    journal.done("one", record=records[0])
    journal.done("two", record=records[1])
    journal.close()
    deploy(home, snapshot(*records, password=Secret("hunter2")))
    assert b"hunter2" not in everything_in(tmp_path)
    assert b"the passphrase" not in everything_in(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version":3,"checkpoint":{}}', b"\x00" * 64, b"null"])
def test_a_damaged_state_is_named_never_overwritten_and_can_be_rolled_back(tmp_path: Path, damage: bytes) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue()))
    (tmp_path / STATE).write_bytes(damage)
    with pytest.raises(StateError) as caught:
        home.load("orders", "dev")
    assert "app/orders/dev.json" in caught.value.what
    assert "rollback --state-only" in caught.value.todo
    with pytest.raises(StateConflictError):
        deploy(home, snapshot(queue(Delay=9)))
    assert (tmp_path / STATE).read_bytes() == damage
    assert home.services() == (("orders", "dev"),)

    rolled = deploy(home, home.load_version("orders", "dev", 1), home.etag("orders", "dev"), "rollback")
    assert rolled.number == 2
    loaded = home.load("orders", "dev")
    assert loaded is not None
    assert loaded.snapshot.records == (queue(),)


def test_a_state_cut_off_by_half_is_refused(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue(), function("Fn", "Queue")))
    data = (tmp_path / STATE).read_bytes()
    (tmp_path / STATE).write_bytes(data[: len(data) // 2])
    with pytest.raises(StateError, match="cannot be used"):
        home.load("orders", "dev")


def test_the_state_of_another_stage_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue()))
    copy = tmp_path / ".stateroom/app/orders/prod.json"
    copy.write_bytes((tmp_path / STATE).read_bytes())
    with pytest.raises(StateError) as caught:
        home.load("orders", "prod")
    assert caught.value.what == "app/orders/prod.json holds the state of orders/dev"


def test_numbers_survive_lost_and_broken_records(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stored = deploy(home, snapshot(queue(Delay=0)))
    for delay in range(1, 5):
        stored = deploy(home, replace(stored.snapshot, records=(queue(Delay=delay),)), stored.etag)
    newest, _, third, second, _ = home.versions("orders", "dev")
    records = tmp_path / ".stateroom/update/orders/dev"
    (records / f"{newest.update_id}.json").unlink()
    (records / f"{third.update_id}.json").write_bytes(b"{half")
    (records / f"{second.update_id}.json").write_text('{"number": 4, "errors": 7, "summary": []}')
    fresh = home_in(tmp_path)
    versions = fresh.versions("orders", "dev")
    assert sorted(version.number for version in versions) == sorted({version.number for version in versions})
    assert versions[0].current
    assert all(fresh.load_version("orders", "dev", version.number).records for version in versions)
    assert deploy(fresh, stored.snapshot, stored.etag).number == versions[0].number + 1


def test_a_lost_record_takes_the_number_between_its_neighbours(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stored = deploy(home, snapshot(queue(Delay=0)))
    for delay in range(1, 3):
        stored = deploy(home, replace(stored.snapshot, records=(queue(Delay=delay),)), stored.etag)
    lost = home.versions("orders", "dev")[1]
    (tmp_path / f".stateroom/update/orders/dev/{lost.update_id}.json").unlink()
    assert [version.number for version in home_in(tmp_path).versions("orders", "dev")] == [3, 2, 1]
    assert home_in(tmp_path).load_version("orders", "dev", 2).records == (queue(Delay=1),)


def test_an_operation_that_waited_for_another_comes_after_it(tmp_path: Path) -> None:
    ana, ben = home_in(tmp_path), home_in(tmp_path, holder=BEN)
    waiting = ana.begin("orders", "dev", "deploy")
    first = deploy(ben, snapshot(queue()))
    second = ana.commit(first.snapshot, expected=first.etag, update=waiting, summary=UpdateSummary())
    assert second.number == 2
    assert [version.user for version in ana.versions("orders", "dev")] == ["ana", "ben"]


def test_operations_that_wrote_no_state_are_no_versions(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    first = deploy(home, snapshot(queue()))
    home.finish(home.begin("orders", "dev", "diff"), UpdateSummary(), version_written=False)
    withdrawn = home.begin("orders", "dev", "deploy")
    home.withdraw(withdrawn)
    assert len(home.versions("orders", "dev")) == 1
    assert deploy(home, first.snapshot, first.etag).number == 2
    assert not (tmp_path / f".stateroom/update/orders/dev/{withdrawn.id}.json").exists()


def test_errors_of_an_operation_are_kept_with_its_version(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    summary = UpdateSummary(created=1, errors=(("Fn", "AccessDenied"),))
    home.commit(snapshot(queue()), expected=None, update=update, summary=summary)
    assert home_in(tmp_path).versions("orders", "dev")[0].errors == ("Fn: AccessDenied",)


def test_a_removed_service_leaves_no_state_but_its_versions(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stored = deploy(home, snapshot(queue()))
    update = home.begin("orders", "dev", "remove")
    home.remove_state("orders", "dev", expected=stored.etag, update=update, summary=UpdateSummary(deleted=1))
    assert home.load("orders", "dev") is None
    assert home.services() == ()
    assert not (tmp_path / ".stateroom/app").exists()
    assert [(item.number, item.command) for item in home.versions("orders", "dev")] == [(2, "remove"), (1, "deploy")]
    assert home.load_version("orders", "dev", 2).records == ()
    assert deploy(home, home.load_version("orders", "dev", 1)).number == 3


def test_a_state_that_has_moved_is_not_removed(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    first = deploy(home, snapshot(queue()))
    deploy(home, replace(first.snapshot, records=(queue(Delay=1),)), first.etag)
    update = home.begin("orders", "dev", "remove")
    for expected in (first.etag, None):
        with pytest.raises(StateConflictError):
            home.remove_state("orders", "dev", expected=expected, update=update, summary=UpdateSummary())
    assert home.load("orders", "dev") is not None


def test_an_emptied_state_is_no_service(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stored = deploy(home, snapshot(queue()))
    deploy(home, replace(stored.snapshot, records=(), outputs={}), stored.etag)
    assert home.services() == ()
    assert home.load("orders", "dev") is not None


def test_the_files_have_the_fields_that_sst_reads(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update):
        lock = json.loads((tmp_path / ".stateroom/lock/orders/dev.json").read_bytes())
        home.commit(snapshot(queue()), expected=None, update=update, summary=UpdateSummary())
    record = json.loads((tmp_path / f".stateroom/update/orders/dev/{update.id}.json").read_bytes())
    assert {"created", "updateID", "runID", "command"} <= lock.keys()
    assert {"id", "version", "command", "errors", "timeStarted", "timeCompleted"} <= record.keys()
    assert len(update.id) == 24
    state = (tmp_path / STATE).read_bytes()
    assert (tmp_path / f".stateroom/snapshot/orders/dev/{update.id}.json").read_bytes() == state


def test_a_service_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        home_in(tmp_path).begin("../../outside", "dev", "deploy")
    assert list(tmp_path.iterdir()) == []


def test_an_emptied_state_is_no_service_however_its_file_is_laid_out(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stored = deploy(home, snapshot(queue()))
    deploy(home, replace(stored.snapshot, records=(), outputs={}), stored.etag)
    (file,) = (tmp_path / ".stateroom/app").rglob("*.json")
    body = json.loads(file.read_bytes())
    for resources in ("[]", "[ \n ]"):
        file.write_text(json.dumps(body, indent=2).replace('"resources": []', f'"resources" : {resources}'))
        assert '"resources" :' in file.read_text()
        assert home.services() == ()


def test_an_empty_list_inside_a_resource_does_not_make_a_state_empty(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue(Policy={"resources": []})))
    assert home.services() == (("orders", "dev"),)


def test_a_state_that_is_lost_but_for_its_versions_is_told_and_one_without_resources_is_not(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert home.documents.lost("orders", "dev") == 0
    deploy(home, snapshot(queue()))
    (tmp_path / ".stateroom/app/orders/dev.json").unlink()
    assert home.documents.lost("orders", "dev") == 3  # with the stack and the provider
    home.begin("orders", "dev", f"{RENAME} prod")
    assert home.documents.lost("orders", "dev") == 0
    deploy(home, snapshot(), expected=None)
    (tmp_path / ".stateroom/app/orders/dev.json").unlink()
    assert home.documents.lost("orders", "dev") == 0
