"""Two operations at once, and operations whose process has died."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.requests import Control, Request
from stateroom.model.events import Event, Note, StepStarted
from stateroom.model.plan import Operation
from stateroom.model.version import Holder
from tests.engine import lab as lab_of_tests
from tests.engine.lab import QUEUE, Lab, one_service

PLACE: dict[str, Any] = {"machine": "m", "boot": "b", "namespace": "pid:[1]", "started": "900"}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "queue-one"})))


def hold(lab: Lab, **holder: Any) -> Any:
    """Take the lock as somebody else."""
    home = lab.workspace.home
    home.locks.holder = replace(Holder("bob", "elsewhere", 77, "deploy"), **holder)
    context = home.lock(home.begin("shop-orders", "dev", "deploy"))
    context.__enter__()
    return context


def test_a_second_deploy_is_refused_with_the_holders_name(lab: Lab) -> None:
    held = hold(lab)  # kept: a collected context lets go of the lock
    outcome = lab.run()
    assert not outcome.ok
    assert "bob@elsewhere" in " ".join(outcome.errors[0][1])
    assert not lab.cloud.things
    assert len(list(lab.directory.glob(".stateroom/update/**/*.json"))) == 1  # the refused one left no record of itself
    held.__exit__(None, None, None)


def test_a_deploy_that_may_wait_begins_when_the_lock_is_released(lab: Lab) -> None:
    context = hold(lab)
    cockpit = lab.cockpit
    plan = cockpit.plan(Request(Operation.DEPLOY))
    told = threading.Event()

    def emit(event: Event) -> None:
        if isinstance(event, Note) and event.text.startswith("waiting"):
            told.set()

    def release() -> None:
        assert told.wait(10)
        context.__exit__(None, None, None)

    other = threading.Thread(target=release)
    other.start()
    outcome = cockpit.execute(plan, emit, Control(), wait_for_lock=30)
    other.join()
    assert outcome.ok
    assert len(lab.cloud.things) == 1


@pytest.mark.emulator
def test_the_lock_of_a_process_that_died_on_this_machine_is_broken_and_said_so(lab: Lab) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    held = hold(lab, host="laptop", pid=dead.pid, **PLACE)
    outcome = lab.run()
    assert not outcome.ok, "of a machine whose name is all that it has in common with ours nothing is known"
    assert "only a person breaks this lock" in " ".join(outcome.errors[0][1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab_of_tests, "HOLDER", replace(lab_of_tests.HOLDER, **PLACE))
        assert lab.run().ok
    assert any("no longer runs" in event.text for event in lab.events if isinstance(event, Note))
    held.__exit__(None, None, None)


def test_unlock_breaks_the_lock_that_was_shown_and_no_other(lab: Lab) -> None:
    first = hold(lab, user="bob")
    shown = lab.cockpit.lock("orders")
    assert shown is not None
    first.__exit__(None, None, None)
    second = hold(lab, user="eve")
    assert lab.cockpit.unlock("orders", shown) is None
    held = lab.cockpit.lock("orders")
    assert held is not None
    assert held.holder.user == "eve"
    assert lab.cockpit.unlock("orders", held) == held
    assert lab.cockpit.lock("orders") is None
    second.__exit__(None, None, None)


def test_stop_once_finishes_what_runs_starts_nothing_new_and_keeps_the_state(tmp_path: Path) -> None:
    lab = Lab(
        tmp_path,
        one_service(
            Q=(QUEUE, {"QueueName": "queue-one"}), P=(QUEUE, {"QueueName": "queue-two", "After": {"Ref": "Q"}})
        ),
    )
    control = Control()

    def stop_at_the_first_step(event: Event) -> None:
        if isinstance(event, StepStarted):
            control.stop()

    outcome = lab.run(control=control, watch=stop_at_the_first_step)
    assert (outcome.done, outcome.skipped, outcome.stopped) == (1, 1, True)
    snapshot = lab.cockpit.snapshot("orders")
    assert snapshot is not None
    assert [record.logical_id for record in snapshot.records] == ["Q"]
    assert lab.run().ok


def test_stop_twice_ends_at_once_and_the_next_run_finds_what_was_open(lab: Lab) -> None:
    control = Control()

    def stop_twice(event: Event) -> None:
        if isinstance(event, StepStarted):
            control.stop()
            control.stop()

    outcome = lab.run(control=control, watch=stop_twice)
    assert outcome.stopped
    assert lab.run().ok
    assert lab.plan().empty
    assert len(lab.cloud.things) == 1
