"""Whatever write of an operation is the last one before the process dies, the next process finds a whole home."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Secret
from stateroom.model.version import Intent, UpdateSummary
from stateroom.state.home import Home, Leftover
from stateroom.state.stores import directory
from stateroom.state.stores.directory import DirectoryStore
from tests.state.builders import deploy, home_in, queue, snapshot

pytestmark = pytest.mark.emulator

NAMES = ("A", "B")
PUTS, DELETES = 9, 5  # of the operation below
POINTS = [(number, "before") for number in range(1, PUTS + DELETES + 1)] + [(n, "half") for n in range(1, PUTS + 1)]


@pytest.mark.parametrize(("write", "where"), POINTS)
def test_a_kill_at_any_write_loses_nothing(tmp_path: Path, write: int, where: str) -> None:
    base = deploy(home_in(tmp_path), snapshot(queue("Base", Token=Secret("hunter2"))))
    exitcode = in_a_process(operate, tmp_path, write, where)
    done = set((tmp_path / "done").read_text().split()) if (tmp_path / "done").exists() else set()

    home = home_in(tmp_path)
    stored = home.load("orders", "dev")
    assert stored is not None, "the state is whole at every moment"
    left = home.leftover("orders", "dev")
    committed = {record.logical_id for record in stored.snapshot.records} > {"Base"}
    known = after(stored.snapshot, left)
    assert done <= {*known, *(item.logical_id for item in left.intents if left)} if left else done <= set(known)
    if not committed:
        assert stored.etag == base.etag
    assert exitcode == -signal.SIGKILL
    assert all(home.load_version("orders", "dev", version.number).records for version in home.versions("orders", "dev"))

    settle(home, left)
    final = home.load("orders", "dev")
    assert final is not None
    assert home.leftover("orders", "dev") is None
    assert done <= {record.logical_id for record in final.snapshot.records}


def test_the_points_reach_to_the_last_write(tmp_path: Path) -> None:
    deploy(home_in(tmp_path), snapshot(queue("Base", Token=Secret("hunter2"))))
    assert in_a_process(operate, tmp_path, PUTS + DELETES + 1, "before") == 0, (
        "the operation has more writes than the test kills at"
    )
    home = home_in(tmp_path)
    stored = home.load("orders", "dev")
    assert stored is not None
    assert {record.logical_id for record in stored.snapshot.records} == {"Base", *NAMES}
    assert home.leftover("orders", "dev") is None
    assert home.read_lock("orders", "dev") is None


def in_a_process(work: Callable[..., None], *arguments: Any) -> int | None:
    """Run it in a process forked from one that has imported this module and nothing else has happened in."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=work, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


def after(state: Snapshot, left: Leftover | None) -> dict[str, Record]:
    records = {record.logical_id: record for record in state.records}
    records |= {record.logical_id: record for record in (left.records if left else ())}
    return records


def settle(home: Home, left: Leftover | None) -> None:
    """What the next run does: break the dead one's lock, take in what it did, clear its journal."""
    home.break_lock("orders", "dev")
    if left is None:
        return
    stored = home.load("orders", "dev")
    assert stored is not None
    records = after(stored.snapshot, left)
    for intent in left.intents:  # the cloud says of each that it exists
        records.setdefault(intent.logical_id, queue(intent.logical_id))
    deploy(home, replace(stored.snapshot, records=tuple(records.values())), stored.etag, "recover")
    home.clear_journal("orders", "dev", left.update_id)


def operate(root: Path, fatal: int, where: str) -> None:
    """A deploy of two queues that dies at one of its writes."""
    home = home_in(root)
    die_at(fatal, where)
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update):
        stored = home.load("orders", "dev")
        assert stored is not None
        journal = home.journal(update, stored.etag)
        records = list(stored.snapshot.records)
        for name in NAMES:
            journal.intend([Intent(name, name, "AWS::SQS::Queue", "create", "", {"Token": Secret("hunter2")})])
            with (root / "done").open("a") as cloud:  # the API call: from here on the queue exists
                cloud.write(f"{name} ")
                cloud.flush()
                os.fsync(cloud.fileno())
            journal.done(name, record=queue(name))
            journal.flush()
            records.append(queue(name))
        journal.close()
        state = replace(stored.snapshot, records=tuple(records))
        home.commit(state, expected=stored.etag, update=update, summary=UpdateSummary(created=len(NAMES)))
        home.clear_journal("orders", "dev", update.id)


def die_at(fatal: int, where: str) -> None:
    count = 0
    real_put, real_delete, real_replace = DirectoryStore.put, DirectoryStore.delete, directory._replace

    def reach() -> None:
        nonlocal count
        count += 1
        if count == fatal and where == "before":
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self: DirectoryStore, key: str, data: bytes, **conditions: Any) -> str:
        reach()
        return real_put(self, key, data, **conditions)

    def delete(self: DirectoryStore, key: str, **conditions: Any) -> None:
        reach()
        real_delete(self, key, **conditions)

    def replace_file(path: Path, data: bytes) -> None:
        if count == fatal and where == "half":
            path.with_name(f".{path.name}.new").write_bytes(data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        real_replace(path, data)

    DirectoryStore.put = put  # type: ignore[method-assign]
    DirectoryStore.delete = delete  # type: ignore[method-assign]
    directory._replace = replace_file
