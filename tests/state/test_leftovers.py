"""What a journal tells the next process about an operation that was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import Secret
from stateroom.model.version import UpdateSummary
from stateroom.state.home import Home, Update
from stateroom.state.stores.directory import DirectoryStore
from tests.state.builders import home_in, intent, queue, snapshot


class Interrupted:
    """An operation that was cut off; the test writes its journal and reads what a new process finds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = home_in(root)
        self.update: Update = self.home.begin("orders", "dev", "deploy")
        self.journal = self.home.journal(self.update, "etag-1")

    def found(self) -> Home:
        self.journal.flush()
        return home_in(self.root)


@pytest.fixture
def interrupted(tmp_path: Path) -> Interrupted:
    return Interrupted(tmp_path)


def test_a_new_process_finds_what_was_finished_and_what_was_open(interrupted: Interrupted) -> None:
    journal = interrupted.journal
    journal.intend([intent("1", "A"), intent("2", "B"), intent("3", "C"), intent("4", "D", "delete", "d"), intent("5")])
    journal.done("1", record=queue("A", Token=Secret("hunter2")))
    journal.identified("2", "physical-b")
    journal.failed("3", "AccessDenied")
    journal.done("4", record=None, deleted="D")
    left = interrupted.found().leftover("orders", "dev")
    assert left is not None
    assert (left.update_id, left.command, left.base_etag) == (interrupted.update.id, "deploy", "etag-1")
    assert left.records == (queue("A", Token=Secret("hunter2")),)
    assert left.deleted == ("D",)
    assert [(item.step, item.physical_id) for item in left.intents] == [("2", "physical-b"), ("5", "")]
    assert left.intents[0].inputs == {"Token": Secret("hunter2")}
    assert left.intents[0].dependencies == ("Other",)


def test_deleted_and_created_again_is_there(interrupted: Interrupted) -> None:
    interrupted.journal.done("1", record=None, deleted="Queue")
    interrupted.journal.done("2", record=queue())
    left = interrupted.found().leftover("orders", "dev")
    assert left is not None
    assert (left.records, left.deleted) == ((queue(),), ())


def test_created_and_deleted_again_is_gone(interrupted: Interrupted) -> None:
    interrupted.journal.done("1", record=queue())
    interrupted.journal.done("2", record=None, deleted="Queue")
    left = interrupted.found().leftover("orders", "dev")
    assert left is not None
    assert (left.records, left.deleted) == ((), ("Queue",))


def test_the_old_copy_of_a_replaced_resource_has_an_address_of_its_own(interrupted: Interrupted) -> None:
    old = replace(queue(), physical_id="old", condemned=True)
    interrupted.journal.done("1", record=old)
    interrupted.journal.done("1", record=queue())
    interrupted.journal.done("2", record=None, deleted="Queue#old")
    left = interrupted.found().leftover("orders", "dev")
    assert left is not None
    assert (left.records, left.deleted) == ((queue(),), ("Queue#old",))


def test_a_journal_with_secrets_asks_for_the_same_passphrase(interrupted: Interrupted) -> None:
    interrupted.journal.done("1", record=queue(Token=Secret("hunter2")))
    interrupted.journal.flush()
    with pytest.raises(PassphraseError):
        home_in(interrupted.root, "wrong").leftover("orders", "dev")


def test_a_journal_without_secrets_needs_no_passphrase(interrupted: Interrupted) -> None:
    interrupted.journal.done("1", record=queue())
    interrupted.journal.flush()
    left = home_in(interrupted.root, None).leftover("orders", "dev")
    assert left is not None
    assert left.records == (queue(),)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"entries": 7}', b'{"entries": [{}]}', b'{"entries": [null]}'])
def test_a_damaged_or_missing_segment_takes_only_its_own_entries_away(interrupted: Interrupted, damage: bytes) -> None:
    interrupted.journal.intend([intent("1", "A")])
    interrupted.journal.done("1", record=queue("A"))
    interrupted.journal.flush()
    interrupted.journal.intend([intent("2", "B")])
    segments = sorted((interrupted.root / ".stateroom/journal").rglob("*.json"))
    segments[1].write_bytes(damage)
    left = home_in(interrupted.root).leftover("orders", "dev")
    assert left is not None
    assert [item.step for item in left.intents] == ["1", "2"], "what became of step 1 is asked of the cloud"
    assert left.damaged == 1
    segments[1].unlink()
    left = home_in(interrupted.root).leftover("orders", "dev")
    assert left is not None
    assert [item.step for item in left.intents] == ["1", "2"]


def test_what_is_in_the_state_is_no_leftover(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    journal = home.journal(update, None)
    journal.intend([intent()])
    journal.done("orders/Queue", record=queue())
    journal.close()
    home.commit(snapshot(queue()), expected=None, update=update, summary=UpdateSummary(created=1))
    assert home_in(tmp_path).leftover("orders", "dev") is None
    home.clear_journal("orders", "dev", update.id)
    assert not (tmp_path / ".stateroom/journal").exists()


def test_a_step_that_was_still_open_when_the_state_was_stored_is_not_forgotten(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    journal = home.journal(update, None)
    journal.intend([intent("1", "A"), intent("2", "B")])
    journal.done("1", record=queue("A"))
    journal.close()
    home.commit(snapshot(queue("A")), expected=None, update=update, summary=UpdateSummary(created=1))
    left = home_in(tmp_path).leftover("orders", "dev")
    assert left is not None
    assert ([item.step for item in left.intents], left.records) == (["2"], ())


def test_a_journal_that_was_cleared_only_in_part_shows_no_open_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    journal = home.journal(update, None)
    journal.intend([intent()])
    journal.done("orders/Queue", record=queue())
    journal.close()
    home.commit(snapshot(queue()), expected=None, update=update, summary=UpdateSummary(created=1))
    real, deleted = DirectoryStore.delete, 0

    def cut_off(store: DirectoryStore, key: str) -> None:
        nonlocal deleted
        deleted += 1
        if deleted > 1:
            raise StateError("the line went dead")
        real(store, key)

    monkeypatch.setattr(DirectoryStore, "delete", cut_off)
    with pytest.raises(StateError, match="line went dead"):
        home.clear_journal("orders", "dev", update.id)
    assert len(list((tmp_path / ".stateroom/journal").rglob("*.json"))) == 1
    assert home_in(tmp_path).leftover("orders", "dev") is None


def test_of_several_interrupted_operations_the_oldest_comes_first(tmp_path: Path) -> None:
    first = Interrupted(tmp_path)
    first.journal.done("1", record=queue("A"))
    first.journal.close()
    home = first.home
    second = home.begin("orders", "dev", "heal")
    journal = home.journal(second, None)
    journal.done("1", record=queue("B"))
    journal.close()
    left = home.leftover("orders", "dev")
    assert left is not None
    assert left.update_id == first.update.id
    home.clear_journal("orders", "dev", left.update_id)
    left = home.leftover("orders", "dev")
    assert left is not None
    assert left.update_id == second.id


def test_journals_of_other_services_and_stages_are_not_ours(interrupted: Interrupted) -> None:
    interrupted.journal.done("1", record=queue())
    interrupted.journal.flush()
    home = home_in(interrupted.root)
    assert home.leftover("orders", "prod") is None
    assert home.leftover("order", "dev") is None
    assert home.leftover("billing", "dev") is None


def test_steps_that_the_stored_state_says_are_pending_are_no_leftover(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    journal = home.journals.begin(update, None, settles=True)
    journal.intend([intent("1", "A")])
    journal.flush()
    left = home_in(tmp_path).leftover("orders", "dev")
    assert left is not None, "until the state is stored they are"
    home.commit(snapshot(queue("A")), expected=None, update=update, summary=UpdateSummary(created=1))
    found = home_in(tmp_path).look("orders", "dev")
    assert (found.leftover, found.spent) == (None, (update.id,))


@pytest.mark.parametrize(
    ("record", "by"),
    [
        ({"user": "ana", "host": "laptop"}, "ana@laptop"),
        ({"user": "ana"}, "ana"),
        ({"host": "laptop"}, ""),
        ({"runID": "7", "host": ""}, "run 7"),
        ({}, ""),
    ],
)
def test_who_was_interrupted_is_told_as_far_as_the_record_tells(
    interrupted: Interrupted, record: dict[str, str], by: str
) -> None:
    interrupted.journal.intend([intent()])
    store = interrupted.home.documents.store
    (key,) = store.list("update/orders/dev/")
    store.put(key, json.dumps(record).encode())
    found = interrupted.found().leftover("orders", "dev")
    assert found is not None
    assert found.by == by
    assert found.since is not None
