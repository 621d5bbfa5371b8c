"""Which things a key acts on: never more than the title of the focused pane says."""

from __future__ import annotations

import pytest

from stateroom.engine.requests import Request
from stateroom.model.plan import Operation
from tests.ui.driver import opened
from tests.ui.fake import FakeCockpit

CREATE = "orders/CreateLambdaFunction"
OPERATIONS = ("d", "r", "h", "a", "A", "x")


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        (("d",), Request(Operation.DEPLOY, services=("orders",))),
        (("r",), Request(Operation.REFRESH, services=("orders",))),
    ],
)
async def test_in_versions_a_key_acts_on_the_service_whose_versions_are_shown(
    keys: tuple[str, ...], request_: Request
) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("3")
        assert "Versions  orders" in screen.text("#versions")
        await screen.press(*keys)
        assert cockpit.requests == [request_]


@pytest.mark.parametrize("key", ["x", "h", "a", "A"])
async def test_in_versions_nothing_is_removed_healed_or_accepted(key: str) -> None:
    """A list of versions names nothing that this could be done to (case `screen-remove-in-versions`)."""
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("1", "g", "3", key)
        assert cockpit.requests == []
        assert any("choose a service or a resource first" in toast for toast in screen.toasts)


@pytest.mark.parametrize("key", OPERATIONS)
async def test_the_log_is_nothing_to_act_on(key: str) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("5", key)
        assert cockpit.requests == []


async def test_in_services_no_key_reaches_the_resource_under_a_hidden_cursor() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("1", "A")
        assert cockpit.requests == []
        await screen.press("a")
        assert cockpit.requests == [Request(Operation.ACCEPT)]


@pytest.mark.parametrize(("key", "operation"), [("d", Operation.DEPLOY), ("r", Operation.REFRESH)])
async def test_in_the_diff_a_key_acts_on_the_resource_that_it_shows(key: str, operation: Operation) -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("4", key)
        assert cockpit.requests == [Request(operation, ("orders",), (CREATE,))]


async def test_marks_of_one_service_do_not_win_over_another_that_is_chosen() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("space", "1", "down", "down")
        assert "Resources billing" in screen.text("#resources")
        await screen.press("d", "escape", "2", "d", "escape")
        assert cockpit.requests == [Request(Operation.DEPLOY, services=("billing",))] * 2
        await screen.press("1", "up", "2", "d")
        assert cockpit.requests[2:] == [Request(Operation.DEPLOY, ("orders",), (CREATE,))]


async def test_marks_act_only_where_they_can_be_seen_and_their_number_is_in_the_title() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("space", "space")
        assert "2 marked" in screen.lines("#resources")[0]
        await screen.press("4", "x", "escape", "1", "down", "x", "escape")
        assert cockpit.requests == [
            Request(Operation.REMOVE, ("orders",), ("orders/IamRoleLambdaExecution",)),
            Request(Operation.REMOVE, ("orders",)),
        ]


async def test_marks_that_the_filter_hides_are_counted_in_the_title() -> None:
    async with opened() as screen:
        await screen.press("space", "slash")
        await screen.type("dead")
        await screen.press("enter")
        assert "1 marked, 1 not shown" in screen.lines("#resources")[0]


async def test_marks_out_of_sight_can_be_taken_away() -> None:
    async with opened() as screen:
        await screen.press("space", "1", "c", "2")
        assert "marked" not in screen.lines("#resources")[0]


@pytest.mark.parametrize(
    ("keys", "scope"),
    [
        (("2",), "all services:"),
        (("1", "down"), "orders:"),
        (("space", "space"), "2 marked:"),
        (("4",), "CreateLambdaFun…ion.MemorySize:"),
        (("3",), "orders:"),
    ],
)
async def test_the_key_bar_says_what_its_keys_act_on(keys: tuple[str, ...], scope: str) -> None:
    async with opened() as screen:
        await screen.press(*keys)
        assert screen.text("#keys").strip().startswith(scope)
