"""What reading waits for is told: as a countdown on a terminal, as a line every ten seconds without one."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from stateroom.cloud.budgets.telling import Wait, tell
from stateroom.commands.console import Console
from stateroom.commands.read_waits import ReadWaits
from stateroom.engine.requests import Emit
from tests.commands.fake import FakeCockpit, Process


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def log() -> tuple[Console, io.StringIO]:
    """A console without a terminal, and what it writes about progress."""
    err = io.StringIO()
    return Console(io.StringIO(), err, io.StringIO(), {}), err


def test_without_a_terminal_a_wait_is_a_line_every_ten_seconds() -> None:
    console, err = log()
    clock = Clock()
    waits = ReadWaits(console, clock=clock)
    for second in range(31):
        clock.now = float(second)
        waits.hear(Wait("throttled by Lambda, 3rd try", 8.0, "Lambda"))
        waits.tick()
    lines = err.getvalue().splitlines()
    assert lines == ["waiting   reading (waiting: throttled by Lambda, 3rd try, at most 8.0s more)"] * 3


def test_a_wait_that_is_over_is_not_told() -> None:
    console, err = log()
    clock = Clock()
    waits = ReadWaits(console, clock=clock)
    waits.hear(Wait("waiting for the API limit of IAM", 2.0))
    clock.now = 30.0
    waits.tick()
    assert err.getvalue() == ""


@pytest.mark.parametrize("command", ["status", "diff"])
def test_a_survey_hears_of_the_waits_of_its_calls(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Wait] = []
    monkeypatch.setattr(ReadWaits, "hear", lambda _self, wait: heard.append(wait))

    class Throttled(FakeCockpit):
        def survey(self, emit: Emit, **options: object) -> None:
            tell(Wait("throttled by SQS, 1 retry", 1.0, "SQS"))
            super().survey(emit, services=("orders",))

    Process(Throttled())(command)
    assert [wait.throttled_by for wait in heard] == ["SQS"]


def test_planning_hears_of_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Wait] = []
    monkeypatch.setattr(ReadWaits, "hear", lambda _self, wait: heard.append(wait))
    cockpit = FakeCockpit(planning=lambda: tell(Wait("throttled by SQS, 1 retry", 1.0, "SQS")))
    Process(cockpit)("deploy", "--dry-run")
    assert [wait.throttled_by for wait in heard] == ["SQS"]
