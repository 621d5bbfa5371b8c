"""Progress of an operation: a live line on a terminal, and in a log a line every ten seconds of waiting."""

from __future__ import annotations

import io

import pytest

from stateroom.commands.console import Console
from stateroom.commands.progress import ProgressLines
from stateroom.model.events import OperationStarted, StepFinished, StepStarted, StepWaiting
from stateroom.model.plan import Action, Operation
from tests.support.lags import Clock

QUEUE = "AWS::SQS::Queue"
BLOCKED = "a queue of that name was deleted less than a minute ago; it is blocked until then"


class Terminal(io.StringIO):
    """A stream that a person sees."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def begun(err: io.StringIO, clock: Clock, *, as_json: bool = False) -> ProgressLines:
    console = Console(io.StringIO(), err, io.StringIO(), {}, as_json=as_json)
    progress = ProgressLines(console, clock=clock)
    progress.emit(OperationStarted(Operation.DEPLOY, "dev", 7))
    for name in ("Queue", "Other"):
        progress.emit(StepStarted("orders", f"orders/{name}", name, QUEUE, Action.CREATE))
    progress.emit(StepWaiting("orders", "orders/Queue", BLOCKED, 60.0))
    return progress


def ticking(progress: ProgressLines, clock: Clock, seconds: float) -> None:
    for _ in range(round(seconds * 5)):
        clock.sleep(0.2)
        progress.tick()


def test_a_log_says_every_ten_seconds_what_is_waited_for_and_counts_down() -> None:
    err, clock = io.StringIO(), Clock()
    ticking(begun(err, clock), clock, 35)
    lines = [line for line in err.getvalue().splitlines() if line.startswith("waiting")]

    assert len(lines) == 3
    for line, (passed, left) in zip(lines, [(10, 50), (20, 40), (30, 30)], strict=True):
        assert f"0/7  creating orders/Queue {passed}s (waiting: {BLOCKED}, at most {left}s more)" in line
        assert line.endswith("…and 1 more")


def test_nothing_is_said_while_steps_end_every_few_seconds() -> None:
    err, clock = io.StringIO(), Clock()
    progress = begun(err, clock)
    for number in range(5):
        ticking(progress, clock, 8)
        progress.emit(StepFinished("orders", f"orders/{number}", str(number), QUEUE, Action.CREATE, 0.1))

    assert "waiting" not in err.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_and_a_program_are_told_in_their_own_ways(*, as_json: bool) -> None:
    err, clock = (io.StringIO() if as_json else Terminal()), Clock()
    ticking(begun(err, clock, as_json=as_json), clock, 35)
    text = err.getvalue()

    assert "waiting   " not in text
    assert text.count("\r") > 30 or as_json
