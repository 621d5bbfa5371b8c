"""The state tools as a user of an SST app runs them: looked at, shown, applied, and never a way of no return."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from tests.commands.sst_home import PHRASE, Machine
from tests.state.sst_states import bucket, component, function, ledger


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.deployed()
    return found


def test_list_shows_components_with_what_they_are_made_of(machine: Machine) -> None:
    run = machine("state", "list")
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert lines[0] == "ledger/qa"
    names = [line.split()[0] for line in lines[1:]]
    assert names.index("MyBucketBucket") == names.index("MyBucket") + 1
    assert "ledger-qa-bucket" in run.out


def test_show_names_dependants_and_masks_secrets(machine: Machine) -> None:
    run = machine("state", "show", "MyFn")
    assert "token: ***" in run.out
    assert "hunter2" not in run.out + run.err
    assert "token: hunter2" in machine("state", "show", "MyFn", "--decrypt").out
    assert any("MyFn" in item for item in machine("state", "show", "MyBucketBucket", "--json").document["dependants"])


def test_a_name_that_several_resources_have_is_refused_with_their_urns(machine: Machine) -> None:
    twin = bucket("MyFn", "another")
    machine.deployed(ledger(twin))
    run = machine("state", "show", "MyFn")
    assert run.code == 1
    assert "name of 2 resources" in run.err
    assert twin["urn"] in run.err
    assert machine("state", "show", twin["urn"]).code == 0


def test_remove_refuses_while_something_depends_on_it(machine: Machine) -> None:
    before = machine.state().body
    run = machine("state", "remove", "MyBucket", "--yes")
    assert run.code == 1
    assert "MyBucketBucket" in run.err
    assert machine.state().body == before


def test_remove_with_dependants_takes_them_and_keeps_a_version(machine: Machine) -> None:
    run = machine("state", "remove", "MyBucket", "--with-dependants", "--yes")
    assert run.code == 0, run.err
    assert machine.names() == {"ledger-qa", "default_7_20_0"}
    assert machine.versions()[0]["command"] == "state remove"
    assert machine("rollback", "1", "--state-only", "--yes").code == 0
    assert "MyBucketBucket" in machine.names()


def test_remove_that_keeps_dependants_gives_them_to_the_parents_parent(machine: Machine) -> None:
    assert machine("state", "remove", "MyBucket", "--keep-dependants", "--yes").code == 0
    kept = next(raw for raw in machine.state().resources if raw["urn"].endswith("MyBucketBucket"))
    assert kept["parent"].endswith("::ledger-qa")


def test_what_is_protected_goes_only_by_force(machine: Machine) -> None:
    machine.deployed(ledger(function("Precious") | {"protect": True}))
    assert "protected" in machine("state", "remove", "Precious", "--yes").err
    assert machine("state", "remove", "Precious", "--yes", "--force").code == 0
    assert "Precious" not in machine.names()


def test_a_dry_run_and_a_read_only_run_change_nothing(machine: Machine) -> None:
    before = machine.state().body
    assert machine("state", "remove", "MyFn", "--dry-run").code == 0
    assert machine("state", "remove", "MyFn", "--yes", "--read-only").code == 1
    assert machine("state", "remove", "MyFn").code == 1, "there is nobody to ask"
    assert machine.state().body == before
    assert len(machine.versions()) == 1


def test_the_answer_no_changes_nothing(machine: Machine) -> None:
    run = machine("state", "remove", "MyFn", answers="n\n", terminal=True)
    assert run.code == 1
    assert "MyFn" in machine.names()


def test_a_change_that_has_no_version_yet_becomes_one_before_it_is_overwritten(machine: Machine) -> None:
    """SST pushes its state every few seconds during a deploy; only the end of it is a snapshot."""
    machine.put("app", ledger(function("Unsaved")).dump())
    assert machine("state", "remove", "MyFn", "--yes").code == 0
    commands = [version["command"] for version in machine.versions()]
    assert commands == ["state remove", "before state remove", "deploy"]
    assert machine("rollback", "2", "--state-only", "--yes").code == 0
    assert {"Unsaved", "MyFn"} <= machine.names()


@pytest.mark.parametrize("damage", [b"", b'{"version":3,"checkpoint":{"stack":"organiz'])
def test_a_state_that_was_cut_off_comes_back_from_its_newest_version(machine: Machine, damage: bytes) -> None:
    machine.put("app", damage)
    run = machine("state", "list")
    assert run.code == 1
    assert "stateroom state repair" in run.err
    assert machine("state", "repair", "--yes").code == 0
    assert "MyBucketBucket" in machine.names()


def test_what_was_created_since_the_last_version_is_found_in_the_damaged_file(machine: Machine) -> None:
    whole = json.dumps(ledger(component("Late"), bucket("LateBucket", "late-1")).body)
    machine.put("app", whole[: whole.index('], "metadata"')].encode())
    run = machine("state", "repair", "--yes")
    assert run.code == 0, run.err
    assert "LateBucket" in machine.names()
    assert list((machine.states / "damaged").rglob("*.json")), "the damaged file is kept"


def test_a_state_that_someone_deleted_comes_back(machine: Machine) -> None:
    (machine.states / "app" / "ledger" / "qa.json").unlink()
    run = machine("state", "repair", "--yes", "--service", "ledger/qa")
    assert run.code == 0, run.err
    assert "MyFn" in machine.names()


def test_a_broken_state_is_repaired_and_a_whole_one_left_alone(machine: Machine) -> None:
    assert "Nothing to change" in machine("state", "repair", "--yes").out
    assert len(machine.versions()) == 1
    machine.put("app", json.dumps(ledger().with_resources(ledger().resources[::-1]).body).encode())
    assert machine("state", "repair", "--yes").code == 0
    assert machine.state().problems() == ()


def test_export_and_import_go_round_without_loss(machine: Machine, tmp_path: Path) -> None:
    before = machine.state()
    file = tmp_path / "state.json"
    assert machine("state", "export", "--out", str(file)).code == 0
    assert file.stat().st_mode & 0o077 == 0
    assert machine("state", "remove", "MyFn", "--yes").code == 0
    assert machine("state", "import", str(file), "--yes").code == 0
    assert machine.state().same_as(before)


def test_a_decrypted_export_is_encrypted_again_when_it_comes_in(machine: Machine, tmp_path: Path) -> None:
    text = machine("state", "export", "--decrypt").out
    assert "hunter2" in text
    file = tmp_path / "plain.json"
    file.write_text(text.replace("hunter2", "hunter3"))
    assert machine("state", "import", str(file), "--yes").code == 0
    assert b"hunter3" not in (machine.states / "app/ledger/qa.json").read_bytes()
    assert "hunter3" in machine("state", "show", "MyFn", "--decrypt").out


def test_what_sst_exports_can_be_imported(machine: Machine, tmp_path: Path) -> None:
    """`sst state export` leaves the wrapper out, and SST has no import."""
    before = machine.state()
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"stack": "organization/ledger/qa", "latest": before.latest}))
    machine.put("app", b"")
    assert machine("state", "import", str(file), "--yes", "--service", "ledger/qa").code == 0
    assert machine.state().same_as(before)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"latest": {"resources": [{"urn": "x"}]}}'])
def test_what_is_no_state_is_not_imported(machine: Machine, tmp_path: Path, text: str) -> None:
    before = machine.state().body
    file = tmp_path / "wrong.json"
    file.write_text(text)
    assert machine("state", "import", str(file), "--yes").code == 1
    assert machine.state().body == before


def test_another_services_state_is_not_imported(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    body = json.loads(json.dumps(ledger().body).replace("ledger", "billing"))
    file.write_text(json.dumps(body))
    run = machine("state", "import", str(file), "--yes")
    assert run.code == 1
    assert "billing/qa" in run.err


def test_moved_secrets_open_with_the_passphrase_of_where_they_are(machine: Machine) -> None:
    empty = json.dumps(ledger().with_resources([]).body).replace("ledger/qa", "ledger/live")
    machine.put("app", empty.encode(), "live")
    machine.put("passphrase", b64encode(b"another passphrase of 32 bytes!!").decode().encode(), "live")
    run = machine("state", "move", "MyFn", "--service", "ledger/qa", "--to", "ledger/live", "--yes")
    assert run.code == 0, run.err
    assert machine.state("live").problems() == ()
    shown = machine("state", "show", "MyFn", "--decrypt", "--service", "ledger/live")
    assert "token: hunter2" in shown.out, shown.err


def test_move_into_another_stage(machine: Machine) -> None:
    live = json.loads(ledger(component("Only")).dump().replace(b":qa::", b":live::").replace(b"-qa", b"-live"))
    live["checkpoint"]["stack"] = "organization/ledger/live"
    live["checkpoint"]["latest"]["resources"] = [
        raw for raw in live["checkpoint"]["latest"]["resources"] if not raw["urn"].endswith(("Bucket", "MyFn"))
    ]
    machine.put("app", json.dumps(live).encode(), "live")
    machine.put("passphrase", PHRASE.encode(), "live")
    run = machine("state", "move", "MyBucket", "--service", "ledger/qa", "--to", "ledger/live", "--yes")
    assert run.code == 0, run.err
    assert {"MyBucket", "MyBucketBucket"} <= machine.names("live")
    assert not {"MyBucket", "MyBucketBucket"} & machine.names()
    assert machine.state("live").problems() == machine.state().problems() == ()
    assert machine.state().resources[-1]["dependencies"] == []


def test_rename_stage_takes_everything_along(machine: Machine) -> None:
    run = machine("state", "rename-stage", "live", "--yes")
    assert run.code == 0, run.err
    assert not (machine.states / "app/ledger/qa.json").exists()
    renamed = machine.state("live")
    assert renamed.owner == ("ledger", "live")
    assert renamed.problems() == ()
    assert "qa" not in {raw["urn"].split("::")[0].removeprefix("urn:pulumi:") for raw in renamed.resources}
    shown = machine("state", "show", "MyFn", "--decrypt", "--service", "ledger/live")
    assert "token: hunter2" in shown.out, shown.err


@pytest.mark.emulator
def test_edit_checks_what_the_editor_left(machine: Machine, tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/ledger-qa-bucket/renamed-bucket/' \"$1\"\n")
    editor.chmod(0o700)
    edited = Machine(tmp_path, EDITOR=str(editor), PATH="/usr/bin:/bin")
    run = edited("state", "edit", answers="y\n", terminal=True)
    assert run.code == 0, run.err
    assert any(raw.get("id") == "renamed-bucket" for raw in edited.state().resources)
    editor.write_text('#!/bin/sh\necho nonsense > "$1"\n')
    before = edited.state().body
    assert edited("state", "edit", answers="n\n", terminal=True).code == 1
    assert edited.state().body == before


def test_a_lock_keeps_the_tools_out_and_says_whose_it_is(machine: Machine) -> None:
    lock = {"created": "2026-11-21T01:12:36.367945364Z", "updateID": "fe5e", "runID": "", "command": "deploy"}
    machine.put("lock", json.dumps(lock).encode())
    before = machine.state().body
    run = machine("state", "remove", "MyFn", "--yes")
    assert run.code == 1
    assert "locked by" in run.err
    assert "stateroom unlock" in run.err
    assert machine.state().body == before


def test_prune_says_what_goes_and_keeps_the_newest(machine: Machine) -> None:
    for name in ("MyFn", "MyBucketBucket", "MyBucket"):
        assert machine("state", "remove", name, "--yes").code == 0
    assert len(machine.versions()) == 4
    assert "3 versions" in machine("state", "prune", "--keep", "1", "--dry-run").out
    assert len(machine.versions()) == 4
    assert machine("state", "prune", "--keep", "2", "--yes").code == 0
    assert [version["number"] for version in machine.versions()] == [4, 3]


def test_show_and_compare_tell_what_a_version_changed(machine: Machine) -> None:
    assert machine("state", "remove", "MyFn", "--yes").code == 0
    shown = machine("show", "2")
    assert shown.code == 0, shown.err
    assert "- MyFn" in shown.out
    assert machine("show", "1", "--json").document["changes"]["created"]
    run = machine("compare", "1", "2", "--json")
    assert run.code == 2
    assert run.document["changes"]["deleted"] == ["MyFn"]
    assert machine("compare", "2", "--json").code == 0
    assert machine("compare", "1", "9").code == 64


def test_flags_of_other_actions_are_refused(machine: Machine) -> None:
    assert machine("state", "list", "--decrypt").code == 64
    assert machine("state", "remove").code == 64
    assert machine("state", "prune").code == 64
