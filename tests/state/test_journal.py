"""The journal: durable before a step begins, cheap after it ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.errors import StateError
from stateroom.state.history import journal as journals
from stateroom.state.history.journal import Journal, JournalHeader
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.store import Blob
from tests.state.builders import cipher, function, home_in, intent, queue


class Gate:
    """A directory store whose puts wait until they are let through; counts them."""

    def __init__(self, root: Path) -> None:
        self.inner = DirectoryStore(root)
        self.open = threading.Event()
        self.arrived = threading.Event()
        self.puts = 0
        self.fails: Callable[[], None] = lambda: None

    def get(self, key: str) -> Blob | None:
        return self.inner.get(key)

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        self.puts += 1
        self.arrived.set()
        assert self.open.wait(30)
        self.fails()
        return self.inner.put(key, data, if_match=if_match, if_none_match=if_none_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self.inner.delete(key, if_match=if_match)

    def delete_all(self, keys: Sequence[str]) -> None:
        self.inner.delete_all(keys)

    def list(self, prefix: str) -> Iterator[str]:
        return self.inner.list(prefix)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def journal_in(gate: Gate) -> Journal:
    header = JournalHeader(
        update="one", command="deploy", base=None, account="", region="", lineage="", steps=1, settles=False
    )
    return Journal(gate, "journal/orders/dev/one/", header, cipher())


def test_an_intent_is_durable_when_the_call_returns(gate: Gate) -> None:
    journal = journal_in(gate)
    returned = threading.Event()

    def work() -> None:
        journal.intend([intent()])
        returned.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert gate.arrived.wait(30)
    assert not returned.is_set()
    gate.open.set()
    thread.join(30)
    assert returned.is_set()
    assert list(gate.list("journal/")) == ["journal/orders/dev/one/00000001.json"]
    journal.close()


def test_entries_queued_while_one_is_written_go_out_together(gate: Gate) -> None:
    journal = journal_in(gate)
    journal.identified("first", "x")
    assert gate.arrived.wait(30)
    for number in range(100):
        journal.done(f"step {number}", record=queue(f"Q{number}"))
    gate.open.set()
    journal.flush()
    assert gate.puts == 2
    journal.close()


def test_ending_steps_does_not_wait_for_the_store(gate: Gate) -> None:
    journal = journal_in(gate)
    journal.done("one", record=queue())
    journal.failed("two", "AccessDenied")
    journal.identified("three", "x")
    gate.open.set()
    journal.close()


def test_a_store_that_fails_stops_the_operation_from_beginning_anything_new(gate: Gate) -> None:
    journal = journal_in(gate)

    def fail() -> None:
        raise StateError("cannot write journal: No space left on device")

    gate.fails = fail
    gate.open.set()
    with pytest.raises(StateError, match="journal cannot be written") as caught:
        journal.intend([intent()])
    assert "No space left" in caught.value.why
    with pytest.raises(StateError):
        journal.intend([intent()])
    with pytest.raises(StateError):
        journal.done("x", record=None)
    with pytest.raises(StateError):
        journal.flush()
    with pytest.raises(StateError):
        journal.close()


def test_a_bug_in_a_store_does_not_leave_the_operation_waiting(gate: Gate) -> None:
    journal = journal_in(gate)

    def fail() -> None:
        raise ZeroDivisionError

    gate.fails = fail
    gate.open.set()
    with pytest.raises(StateError, match="ZeroDivisionError"):
        journal.intend([intent()])


def test_many_threads_write_one_journal(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    journal = home.journal(home.begin("orders", "dev", "deploy"), None)

    def work(name: str) -> None:
        journal.intend([intent(name, name)])
        journal.identified(name, f"id-{name}")
        journal.done(name, record=queue(name))

    threads = [threading.Thread(target=work, args=(f"Q{number}",)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    journal.close()
    left = home.leftover("orders", "dev")
    assert left is not None
    assert {record.logical_id for record in left.records} == {f"Q{number}" for number in range(40)}
    assert left.intents == ()
    assert len(list((tmp_path / ".stateroom/journal").rglob("*.json"))) <= 80


def test_a_closed_journal_takes_nothing_more(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    journal = home.journal(home.begin("orders", "dev", "deploy"), None)
    journal.close()
    with pytest.raises(StateError, match="closed"):
        journal.done("x", record=None)
    assert home.leftover("orders", "dev") is None


def test_a_value_that_cannot_be_written_down_stops_the_step_before_it_runs(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    journal = home.journal(home.begin("orders", "dev", "deploy"), None)
    with pytest.raises(StateError, match="Queue"):
        journal.intend([replace(intent(), inputs={"Odd": object()})])
    journal.close()


def test_a_hundred_steps_that_end_cost_bytes_in_proportion_not_a_state_each(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    journal = home.journal(home.begin("orders", "dev", "deploy"), None)
    records = [function(f"Fn{number}") for number in range(100)]
    for record in records:
        journal.done(record.logical_id, record=record)
    journal.close()
    written = sum(path.stat().st_size for path in (tmp_path / ".stateroom/journal").rglob("*.json"))
    one = len(json.dumps({"record": dict(records[0].inputs), "observed": dict(records[0].observed)}))
    assert written < 100 * (one + 800)


def test_what_ended_and_what_its_end_lets_begin_are_one_segment(gate: Gate) -> None:
    """`done` is written with the next intent, or by itself soon after; `keys` are what was written, oldest first."""
    gate.open.set()
    journal = journal_in(gate)
    journal.intend([intent("one")])
    journal.done("one", record=queue())
    journal.intend([intent("two")])
    assert gate.puts == 2
    journal.done("two", record=queue("Two"))
    journal.seal()
    with pytest.raises(StateError, match="closed"):
        journal.done("three", record=None)
    journal.close()
    assert journal.keys == list(gate.list("journal/orders/dev/one/"))
    assert gate.puts == 3


def test_what_nobody_waits_for_goes_out_with_what_comes_next_also_at_the_beginning(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_LINGER", 30.0)
    gate.open.set()
    journal = journal_in(gate)
    journal.done("one", record=queue())
    assert not gate.arrived.wait(0.05)
    journal.intend([intent("two")])
    assert gate.puts == 1
    journal.close()
