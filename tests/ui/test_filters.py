"""What may be typed after `/`."""

from __future__ import annotations

import pytest

from stateroom.ui.deck.selection.filters import parse
from tests.ui.driver import opened
from tests.ui.fake import shop

ROWS = [diff for diffs in shop().values() for diff in diffs]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dead", ["OrdersDeadLetterQueue"]),
        ("ORDERS/ queue", ["OrdersQueue", "OrdersDeadLetterQueue"]),
        ("~", ["CreateLambdaFunction"]),
        ("!", ["CreateLambdaFunction", "IamRoleLambdaExecution"]),
        ("x", ["OrdersQueue"]),
        ("+", ["OrdersDeadLetterQueue"]),
        ("-", ["NightlyRule"]),
        ("?", []),
        ("status:drift", ["CreateLambdaFunction", "IamRoleLambdaExecution", "OrdersQueue"]),
        ("status:dri type:role", ["IamRoleLambdaExecution"]),
        ("status:!", ["CreateLambdaFunction", "IamRoleLambdaExecution"]),
        ("status:nonsense", []),
        ("type:Table", ["OrdersTable"]),
        ("! create", ["CreateLambdaFunction"]),
        ("AWS::SNS", ["ReceiptsTopic"]),
    ],
)
def test_words_letters_statuses_and_types_narrow_the_list(text: str, found: list[str]) -> None:
    assert [diff.logical_id for diff in ROWS if parse(text)(diff)] == found


def test_a_filter_that_is_still_being_typed_does_not_empty_the_list() -> None:
    assert all(parse("status:")(diff) for diff in ROWS)
    assert not parse("   ")


async def test_when_the_filter_hides_the_row_under_the_cursor_the_first_one_left_is_shown() -> None:
    async with opened() as screen:
        await screen.press("down", "slash")
        await screen.type("role")
        assert screen.deck.panes.resources.cursor == 0
        assert "IamRoleLambdaExecution" in screen.lines("#diff")[0]


async def test_typing_filters_with_every_key_and_escape_brings_all_back() -> None:
    async with opened() as screen:
        await screen.press("down", "slash")
        await screen.type("dead")
        assert [line.split()[1] for line in screen.lines("#resources")[1:2]] == ["orders/OrdersDeadLetterQueue"]
        assert "Resources all 1 of 15" in screen.text("#resources")
        await screen.press("enter")
        assert "/dead" in screen.text("#resources")
        await screen.press("escape")
        assert "Resources all 15" in screen.text("#resources")
        await screen.press("slash")
        await screen.type("zzz")
        assert "nothing matches zzz" in screen.text("#resources")
        await screen.press("enter", "c")
        assert "Resources all 15" in screen.text("#resources")
