"""A service after its operation was killed at any write or call: status, diff and versions say what the journal knows.

For each cut three worlds: the lock of a living process, the lock of one that has certainly ended, and no lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.cockpit import ProjectCockpit
from stateroom.engine.requests import Control, Request
from stateroom.model.events import StepStarted
from stateroom.model.plan import Operation
from stateroom.state.repository.home_locks import HomeLocks
from tests.commands.fake import Process, Run
from tests.engine.lab import Config, Lab
from tests.engine.power import Mains, cut_everywhere, first_config, release_lock, second_config

pytestmark = pytest.mark.pure

WORLDS = ("running", "left behind", "unlocked")


def files(lab: Lab) -> dict[str, bytes]:
    """Every object of the home."""
    root = lab.directory / ".stateroom"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


class Truth:
    """What the files of a home say by themselves, read without the code that is tested."""

    def __init__(self, held: dict[str, bytes]) -> None:
        self.stored = {raw["urn"].split("::")[-1] for raw in self._resources(held) if raw.get("id")}
        self.finished: dict[str, dict[str, Any]] = {}
        self.open: dict[str, str] = {}  # step to logical id
        journals = sorted(name for name in held if name.startswith("journal/"))
        records = {name.split("/")[-1].removesuffix(".json"): body for name, body in held.items() if "update/" in name}
        over = {name.split("/")[3] for name in journals if b'"timeCompleted"' in records.get(name.split("/")[3], b"")}
        for name in journals:
            self._replay(json.loads(held[name])["entries"])
        self.was_stored = bool(journals) and journals[0].split("/")[3] in over
        self.cut_off = bool(self.open or self.finished) and not self.was_stored

    def _resources(self, held: dict[str, bytes]) -> list[dict[str, Any]]:
        state = next((json.loads(body) for name, body in held.items() if name.startswith("app/")), None)
        return (state["checkpoint"]["latest"].get("resources") or []) if state else []

    def _replay(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["kind"] == "intend":
                self.open[entry["step"]] = entry["logical_id"]
            elif entry["kind"] == "done":
                self.open.pop(entry["step"], None)
                self.finished[entry["step"]] = entry

    @property
    def made(self) -> set[str]:
        """Logical ids of finished creates and updates."""
        return {entry["record"]["logical_id"] for entry in self.finished.values() if entry["record"]}


def look(cockpit: ProjectCockpit, *line: str) -> Run:
    return Process(cockpit)(*line)  # type: ignore[arg-type]


def texts_of(lab: Lab) -> dict[str, Run]:
    """What every reader prints."""
    return {name: look(lab.cockpit, name) for name in ("status", "diff", "versions")}


def documents_of(lab: Lab, world: str) -> dict[str, Any]:
    """What readers answer with --json: status in every world, the others in one."""
    names = ("status", "diff", "versions") if world == "unlocked" else ("status",)
    return {name: look(lab.cockpit, name, "--json").document for name in names}


def worlds(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The three worlds of one cut, the one without a lock last."""
    if lab.cockpit.lock("orders") is not None:
        yield "running"
        with monkeypatch.context() as patch:
            patch.setattr(HomeLocks, "is_abandoned", lambda self, held: True)
            yield "left behind"
        release_lock(lab)
    yield "unlocked"


@pytest.mark.parametrize(
    ("before", "config", "steps"),
    [(lambda lab: None, first_config, 5), (lambda lab: lab.run(), second_config, 5)],
    ids=["first deploy (case `killed-status`)", "second deploy"],
)
def test_every_reader_tells_how_far_a_killed_deploy_came(
    tmp_path: Path,
    mains: Mains,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[Lab], object],
    config: Callable[[], Config],
    steps: int,
) -> None:
    def act(lab: Lab) -> None:
        lab.config = config()
        lab.run()

    seen: set[tuple[str, bool]] = set()
    for lab in cut_everywhere(tmp_path, mains, before, act):
        lab.config = config()
        for world in worlds(lab, monkeypatch):
            held, things = files(lab), dict(lab.cloud.things)
            truth = Truth(held)
            seen.add((world, truth.cut_off))
            texts, documents = texts_of(lab), documents_of(lab, world)
            assert (files(lab), lab.cloud.things) == (held, things), "a reader changed something"
            check(truth, world, steps, texts, documents)
            if world == "unlocked":
                assert ("Nothing is pending." in look(lab.cockpit, "state", "pending").out) != truth.cut_off
        assert lab.run().ok
        for run in texts_of(lab).values():
            assert not [words for words in ("cut off", "running", "not known", "left behind") if words in run.out]
    assert seen >= {(world, cut_off) for world in WORLDS for cut_off in (True, False)} - {("unlocked", False)}


def check(truth: Truth, world: str, steps: int, texts: dict[str, Run], documents: dict[str, Any]) -> None:
    standing = documents["status"]["services"][0]["standing"]
    if "diff" in documents:
        assert documents["diff"]["standing"]["orders"] == standing
        assert documents["versions"]["services"][0]["standing"] == standing
    words = [run.out for run in texts.values()]
    for text in words:
        assert ("was cut off after" in text) == (truth.cut_off and world != "running")
        assert ("is running" in text) == (truth.cut_off and world == "running")
        assert ("left behind by ana@laptop" in text) == (world == "left behind")
    assert (standing["interrupted"] is not None) == truth.cut_off
    if truth.cut_off:
        cut = standing["interrupted"]
        assert (cut["command"], cut["by"], cut["total"]) == ("deploy", "ana@laptop", steps)
        assert cut["finished"] == len(truth.finished)
        assert sorted(item["logical_id"] for item in cut["open"]) == sorted(truth.open.values())
        assert cut["running"] == (world == "running")
        assert cut["next"].startswith("deploy goes on from there") == (world != "running")
        assert texts["diff"].code == 2 or world == "running"
    if truth.was_stored:
        return
    letters = {item["logical_id"]: item["status"][0] for item in documents["status"]["out_of_step"]}
    old_copies = {item["logical_id"] for item in truth.finished.values() if "logical_id" in item}
    for name in truth.made - set(truth.open.values()) - old_copies:
        assert letters.get(name) in (None, " "), f"{name} is recorded in the journal"
    for name in set(truth.open.values()) - {"Q"}:
        assert letters[name] == "?", f"nobody knows what became of {name}"
    assert {name for name, letter in letters.items() if letter == "+"}.isdisjoint(truth.stored | truth.made)


def test_an_operation_of_this_process_is_running_and_not_cut_off(tmp_path: Path) -> None:
    """As the screen reads while its own deploy runs, by the same home; and as another process does."""
    lab = Lab(tmp_path, first_config())
    cockpit = lab.cockpit
    seen: list[tuple[str, bool, bool]] = []

    def watch(event: object) -> None:
        if isinstance(event, StepStarted):
            own = cockpit.deployer("orders").state().standing.interrupted
            others = lab.cockpit.standing("orders").interrupted
            seen.extend(
                (who, found.running, found.total == 5) for who, found in (("own", own), ("other", others)) if found
            )

    assert cockpit.execute(cockpit.plan(Request(Operation.DEPLOY)), watch, Control()).ok
    assert {who for who, *_ in seen} == {"own", "other"}
    assert all(running and total for _, running, total in seen)
    assert cockpit.standing("orders").quiet
