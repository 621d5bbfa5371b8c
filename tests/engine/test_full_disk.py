"""A disk that is full, over its quota or read-only from some write on: what was done is told, and nothing is lost."""

from __future__ import annotations

import errno
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stateroom.engine.execution.service import _not_stored
from stateroom.engine.requests import Outcome
from stateroom.errors import ConfigError, StateConflictError, StateError
from stateroom.model.events import StepFinished
from stateroom.model.plan import Operation
from stateroom.state.stores import directory
from stateroom.state.stores.directory import DirectoryStore
from tests.commands.fake import Process
from tests.config.test_artifacts import fill
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import Lab
from tests.engine.power import first_config, objects, release_lock

pytestmark = pytest.mark.pure

WAYS_OUT = {errno.ENOSPC: "make room on the disk", errno.EDQUOT: "quota", errno.EROFS: "writable"}


class Disk:
    """A disk on which `room` more files can be written; then every write fails with `code`, and removals do not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = 1_000_000
        self.code = errno.ENOSPC
        write = directory._replace

        def limited(path: Path, data: bytes) -> None:
            self.room -= 1
            if self.room < 0:
                raise OSError(self.code, os.strerror(self.code), str(path))
            write(path, data)

        monkeypatch.setattr(directory, "_replace", limited)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def finished(lab: Lab) -> int:
    return sum(isinstance(event, StepFinished) for event in lab.events)


def said(outcome: Outcome) -> str:
    return "\n".join(line for _, lines in outcome.errors for line in lines)


def filled_everywhere(tmp_path: Path, disk: Disk, operation: Operation) -> Iterator[tuple[Lab, Outcome]]:
    """Labs in which the disk was full from one write after another on."""
    for room in itertools.count():
        lab = Lab(tmp_path / str(room), first_config(), MemoryCloud())
        if operation is not Operation.DEPLOY:
            assert lab.run().ok
            lab.events.clear()
        disk.room = room
        outcome = lab.run(operation)
        used_up = disk.room < 0
        disk.room = 1_000_000
        yield lab, outcome
        if not used_up:
            assert room > 4
            return


@pytest.mark.parametrize("code", WAYS_OUT, ids=errno.errorcode.get)
def test_a_first_deploy_on_a_disk_that_fills_up_says_what_was_done_and_goes_on(
    tmp_path: Path, disk: Disk, code: int
) -> None:
    whole = Lab(tmp_path / "whole", first_config(), MemoryCloud())
    assert whole.run().ok
    disk.code = code
    for lab, outcome in filled_everywhere(tmp_path, disk, Operation.DEPLOY):
        if not outcome.ok:
            assert os.strerror(code) in said(outcome)
            assert WAYS_OUT[code] in said(outcome)
        assert outcome.done == finished(lab) == len(lab.cloud.things), "what runs comes to its end, and is counted"
        release_lock(lab)
        assert lab.run().ok
        assert objects(lab.cloud) == objects(whole.cloud)
        assert lab.plan().empty
        assert lab.statuses() == {}


def test_a_remove_on_a_disk_that_fills_up_loses_nothing(tmp_path: Path, disk: Disk) -> None:
    for lab, outcome in filled_everywhere(tmp_path, disk, Operation.REMOVE):
        assert outcome.ok or os.strerror(errno.ENOSPC) in said(outcome)
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        assert not lab.cloud.things


def test_the_command_says_it_too_and_calls_it_no_bug(tmp_path: Path, disk: Disk) -> None:
    lab = Lab(tmp_path, first_config(), MemoryCloud())
    disk.room = 4
    run = Process(lab.cockpit)("deploy", "--yes")  # type: ignore[arg-type]
    disk.room = 1_000_000
    assert run.code == 1
    assert "No space left on device" in run.err + run.out
    assert "bug" not in run.err + run.out
    status = Process(lab.cockpit)("status")  # type: ignore[arg-type]
    assert "was cut off after" in status.out


def test_a_full_disk_in_the_middle_of_a_state_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DirectoryStore(tmp_path)
    etag = store.put("app/orders/dev.json", b"old")
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(StateError) as refused:
        store.put("app/orders/dev.json", b"new", if_match=etag)
    assert refused.value.why == os.strerror(errno.ENOSPC)
    monkeypatch.undo()
    blob = store.get("app/orders/dev.json")
    assert blob is not None
    assert blob.data == b"old"


def test_a_full_disk_while_packaging_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stateroom.config.packaging import artifacts

    root = fill(tmp_path / "root", app_dot_py="x = 1")
    monkeypatch.setattr(tempfile, "mkstemp", _full)
    with pytest.raises(ConfigError) as refused:
        artifacts.package(root, (), tmp_path / "build")
    assert os.strerror(errno.ENOSPC) in refused.value.why
    own = tmp_path / "own.zip"
    own.write_bytes(b"PK")
    with pytest.raises(ConfigError) as copying:
        artifacts.prebuilt(own, tmp_path / "build")
    assert os.strerror(errno.ENOSPC) in copying.value.why
    assert "free space" in copying.value.todo
    monkeypatch.undo()
    assert not list((tmp_path / "build").glob("*"))
    assert artifacts.package(root, (), tmp_path / "build").path.exists()


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_directory_that_may_not_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DirectoryStore(tmp_path)
    store.put("journal/orders/dev/u1/00000001.json", b"{}")

    def forbidden(path: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "scandir", forbidden)
    with pytest.raises(StateError) as refused:
        list(store.list("journal/orders/dev/"))
    assert refused.value.why == "Permission denied"


@pytest.mark.parametrize(("done", "says"), [(0, "0 steps of it are"), (1, "1 step of it is"), (2, "2 steps of it are")])
def test_a_state_that_could_not_be_stored_tells_how_much_was_done(done: int, says: str) -> None:
    told = _not_stored(StateError("cannot write", why="full", todo="make room"), done)
    assert told.todo == f"{says} done and not lost: make room; then run the command again, which goes on from there"
    conflict = StateConflictError("somebody else wrote")
    assert _not_stored(conflict, done) is conflict, "it says more"
