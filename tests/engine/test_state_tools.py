"""The state tools cut off at every write, racing each other, and asking the cloud."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.engine.tools.pending_lookup import pending_lookup
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import LockedError, ReadOnlyError, StateConflictError, StateError
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.tools.pending_operations import Answer, Unanswered
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import QUEUE, Lab, one_service
from tests.state.builders import home_in
from tests.state.sst_states import bucket, document, ledger


class Cut(BaseException):
    """The power goes."""


@pytest.fixture
def tools(tmp_path: Path) -> StateTools:
    root = tmp_path / ".stateroom"
    path = root / "app" / "ledger" / "qa.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(ledger(bucket("Spare", "spare-1")).dump())
    return again(tmp_path)


def again(directory: Path) -> StateTools:
    """The tools of a new process."""
    return StateTools(home_in(directory), "ledger", "qa")


def names(tools: StateTools) -> set[str]:
    return {raw["urn"].rsplit("::", 1)[1] for raw in tools.load()[0].resources}


@pytest.mark.parametrize("writes", range(9))
@pytest.mark.parametrize("command", ["remove", "rename", "repair"])
def test_cut_off_at_any_write_and_run_again_it_converges(
    tools: StateTools, tmp_path: Path, writes: int, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / ".stateroom" / "app" / "ledger" / "qa.json"
    if command == "repair":
        tools.apply(tools.remove(["Spare"], with_dependants=False, keep=False, force=False))
        state.write_bytes(b"{")

    def run(subject: StateTools) -> None:
        if command == "remove":
            subject.apply(subject.remove(["MyFn"], with_dependants=False, keep=False, force=False))
        elif command == "repair":
            subject.apply(subject.repair())
        else:
            subject.apply_rename(subject.rename_stage("live"), lambda: None)

    put, left = DirectoryStore.put, writes

    def cut(self: DirectoryStore, *arguments: object, **conditions: object) -> str:
        nonlocal left
        if left == 0:
            raise Cut
        left -= 1
        return put(self, *arguments, **conditions)  # type: ignore[arg-type]

    with monkeypatch.context() as patched, suppress(Cut):
        patched.setattr(DirectoryStore, "put", cut)
        run(tools)
    later = again(tmp_path)
    later.home.break_lock("ledger", "qa")
    later.home.break_lock("ledger", "live")
    there = StateTools(later.home, "ledger", "live")
    with suppress(StateError):  # it may be through already
        run(later)
    survivors = there if command == "rename" else later
    assert state.exists() is (command != "rename")
    expected = {"MyBucket", "MyBucketBucket", "ledger-qa" if survivors is later else "ledger-live"}
    assert expected <= names(survivors)
    assert survivors.load()[0].problems() == ()
    if command == "remove":
        assert "MyFn" not in names(later)


@pytest.mark.parametrize("writes", range(10))
def test_a_move_that_is_cut_off_leaves_a_copy_and_is_finished_by_running_it_again(
    tools: StateTools, tmp_path: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> None:
        here, there = again(tmp_path), replace(again(tmp_path), stage="live")
        with suppress(StateError):
            here.apply_move(*(drafts := here.move(["MyBucket"], there))[:1], there, drafts[1])

    put, left = DirectoryStore.put, writes

    def cut(self: DirectoryStore, *arguments: object, **conditions: object) -> str:
        nonlocal left
        if left == 0:
            raise Cut
        left -= 1
        return put(self, *arguments, **conditions)  # type: ignore[arg-type]

    with monkeypatch.context() as patched, suppress(Cut):
        patched.setattr(DirectoryStore, "put", cut)
        run()
    home = again(tmp_path).home
    for stage in ("qa", "live"):
        home.break_lock("ledger", stage)
    run()
    assert "MyBucketBucket" not in names(again(tmp_path))
    there = replace(again(tmp_path), stage="live")
    assert {"MyBucket", "MyBucketBucket"} <= names(there)
    assert there.load()[0].problems() == again(tmp_path).load()[0].problems() == ()


def test_of_many_at_once_one_wins_and_nothing_is_lost(tools: StateTools, tmp_path: Path) -> None:
    drafts = [(again(tmp_path), name) for name in ("MyFn", "Spare") for _ in range(4)]

    def run(item: tuple[StateTools, str]) -> bool:
        subject, name = item
        try:
            subject.apply(subject.remove([name], with_dependants=False, keep=False, force=False))
        except (LockedError, StateConflictError, StateError):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(run, drafts))
    assert any(won)
    left = names(again(tmp_path))
    assert {"MyBucket", "MyBucketBucket"} <= left
    gone = {"MyFn", "Spare"} - left
    assert len(gone) == sum(won), "each win is one resource that went, and no win was overwritten"


def test_a_draft_of_a_state_that_has_moved_on_is_not_written(tools: StateTools, tmp_path: Path) -> None:
    draft = tools.remove(["MyFn"], with_dependants=False, keep=False, force=False)
    other = again(tmp_path)
    other.apply(other.remove(["Spare"], with_dependants=False, keep=False, force=False))
    with pytest.raises(StateConflictError, match="changed by someone else"):
        tools.apply(draft)
    assert "MyFn" in names(tools)


def test_pending_operations_are_asked_of_the_cloud(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Jobs=(QUEUE, {"QueueName": "jobs"})))
    lab.run()
    cockpit = lab.cockpit
    tools = cockpit.tools("orders")
    state, _ = tools.load()
    raw = next(item for item in state.resources if item["urn"].endswith("::Jobs"))
    assert tools.ask is not None
    ask = tools.ask(state)
    assert ask(raw) == Answer(raw["id"])
    lab.cloud.things.clear()
    assert ask(raw) == Answer(None)
    assert ask({"urn": "urn:pulumi:dev::a::x:y:Z::n", "type": "x:y:Z"}) == Unanswered(
        "stateroom reads no x:y:Z; look for it, then edit the state"
    )


def test_a_cloud_that_does_not_answer_settles_nothing() -> None:
    def nobody() -> MemoryCloud:
        raise StateError("no credentials")

    raw = {"urn": "urn:pulumi:dev::a::t::n", "type": "aws:sqs/queue:Queue", "id": "x"}
    assert pending_lookup(nobody)(raw) == Unanswered("no credentials")


def test_a_state_of_ours_survives_every_tool(tmp_path: Path) -> None:
    """What deploy wrote can be repaired, renamed and deployed again."""
    lab = Lab(tmp_path, one_service(Jobs=(QUEUE, {"QueueName": "jobs"})))
    lab.run()
    tools = lab.cockpit.tools("orders")
    assert tools.repair().empty
    tools.apply(tools.remove(["Jobs"], with_dependants=False, keep=False, force=False))
    assert lab.survey()["orders/Jobs"].status == "+."


def test_nothing_to_repair_leaves_an_unreadable_home_alone(tmp_path: Path) -> None:
    tools = StateTools(home_in(tmp_path), "ledger", "qa")
    with pytest.raises(StateError, match="nothing is left"):
        tools.repair()
    assert not (tmp_path / ".stateroom").exists()
    assert document().problems() == ()


def test_resources_without_secrets_arrive_in_a_state_that_needs_no_passphrase(tools: StateTools) -> None:
    _, there = tools.move(["MyBucket"], replace(tools, stage="live"))
    assert "secrets_providers" not in there.edit.document.latest
    assert there.edit.document.salt == ""


def test_read_only_tools_change_nothing_and_say_so(tools: StateTools, tmp_path: Path) -> None:
    shut = replace(tools, read_only=True)
    other = replace(shut, stage="live")
    removal = shut.remove(["MyFn"], with_dependants=False, keep=False, force=False)
    here, there = shut.move(["MyBucket"], other)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    works: list[Callable[[], object]] = [
        lambda: shut.apply(removal),
        lambda: shut.apply_move(here, other, there),
        lambda: shut.apply_rename(shut.rename_stage("live"), lambda: pytest.fail("secrets were carried")),
        lambda: shut.exclusively("state prune", lambda: pytest.fail("work was done")),
    ]
    for work in works:
        with pytest.raises(ReadOnlyError, match="nothing was changed"):
            work()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_move_that_cannot_be_written_locks_nothing(tools: StateTools, tmp_path: Path) -> None:
    other = replace(tools, stage="live")
    here, there = tools.move(["MyBucket"], other)
    broken = replace(there, edit=replace(there.edit, document=there.edit.document.with_resources([{"urn": "no URN"}])))
    with pytest.raises(StateError):
        tools.apply_move(here, other, broken)
    assert sorted(path.name for path in (tmp_path / ".stateroom").rglob("*.json")) == ["qa.json"]
