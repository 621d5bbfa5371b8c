"""The screen after a kill: what was cut off, what runs, what is pending and what breaks a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stateroom.model.diff import X, Y
from stateroom.model.pending import PendingOperation
from stateroom.model.standing import Gravity, Interruption, OpenStep, Standing, StateProblem
from tests.ui.driver import opened
from tests.ui.fake import LOCK, NOW, FakeCockpit, shop

OPEN = (OpenStep("OrdersQueue", "AWS::SQS::Queue", "create"), OpenStep("OrdersTable", "AWS::DynamoDB::Table", "create"))
CUT_OFF = Interruption("u1", "deploy", "ana@laptop", NOW - timedelta(minutes=5), 3, 11, OPEN)


def cockpit(standing: Standing) -> FakeCockpit:
    """Make a shop whose `orders` has a standing; the outcome of OrdersQueue is not known."""
    diffs = shop()
    why = "create was cut off: its outcome is not known; any operation first asks the cloud"
    diffs["orders"] = [
        replace(diff, x=X.UNKNOWN, y=Y.NONE, attributes=(), unsettled=why) if diff.logical_id == "OrdersQueue" else diff
        for diff in diffs["orders"]
    ]
    return FakeCockpit(diffs=diffs, standings={"orders": standing})


async def test_a_killed_deploy_is_told_at_80_by_24() -> None:
    """Case `killed-status`."""
    async with opened(cockpit(Standing(CUT_OFF)), size=(80, 24)) as screen:
        assert screen.lines("#services")[2].startswith("Iorders")
        resources = screen.text("#resources")
        assert "orders: deploy was cut off after 3 of 11 steps" in resources
        assert "goes on from there; 2 open steps" in resources
        await screen.press("1", "down")
        assert "deploy was cut off after 3 of 11 steps" in screen.text("#resources")
        await screen.press("2", "g")
        assert "deploy by ana@laptop, begun 5m ago, was cut off after 3 of 11 steps" in "".join(
            text
            for text, _ in screen.app.screen.progress.log  # type: ignore[attr-defined]
        )
        row = next(line for line in screen.lines("#resources") if "OrdersQueue" in line)
        assert "?." in row
        await screen.press(*["down"] * 12)
        while "OrdersQueue" not in screen.text("#diff"):
            await screen.press("up")
        assert "its outcome is not known" in screen.text("#diff")


@pytest.mark.parametrize(
    ("standing", "sign", "says"),
    [
        (Standing(replace(CUT_OFF, running=True), lock=LOCK), " ", "deploy is running: 3 of 11 steps finished"),
        (
            Standing(pending=(PendingOperation("Q", "AWS::SQS::Queue", "create", why="access denied"),)),
            "P",
            "Q: outcome not known",
        ),
        (
            Standing(problems=(StateProblem("duplicate", "the state breaks a rule: duplicate Q", "state repair"),)),
            "B",
            "the state breaks a rule: duplicate Q",
        ),
        (Standing(problems=(StateProblem("taint", "Q is marked", "deploy", Gravity.OPEN),)), "P", "Q is marked"),
        (Standing(problems=(StateProblem("external", "Q is only read", "nothing", Gravity.NOTE),)), " ", ""),
    ],
    ids=["running", "pending", "broken", "tainted", "only a note"],
)
async def test_every_standing_has_a_sign_and_a_line(standing: Standing, sign: str, says: str) -> None:
    async with opened(cockpit(standing)) as screen:
        assert screen.lines("#services")[2].startswith(f"{sign}orders")
        assert says in screen.text("#resources")
        assert "cut off" not in screen.text("#services") + screen.text("#resources")


async def test_a_service_in_order_has_neither() -> None:
    async with opened(FakeCockpit()) as screen:
        assert screen.lines("#services")[2].startswith(" orders")
        assert "cut off" not in screen.text()
