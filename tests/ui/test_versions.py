"""A version opened: what was in it, and what going back to it would do."""

from __future__ import annotations

from dataclasses import replace

from stateroom.engine.requests import Request
from stateroom.model.plan import Operation
from stateroom.model.resource import Snapshot
from stateroom.model.version import History, Version, VersionName
from stateroom.presentation.versions import compare_snapshots
from tests.ui.driver import opened
from tests.ui.fake import FakeCockpit, snapshot


def test_a_past_state_is_compared_resource_by_resource_and_differences_come_first() -> None:
    diffs = compare_snapshots(snapshot(current=False), snapshot(current=True))
    assert [(diff.sign, diff.record.logical_id) for diff in diffs] == [
        ("-", "OrdersTable"),
        ("~", "CreateLambdaFunction"),
        ("+", "OldTopic"),
        (" ", "OrdersQueue"),
    ]
    timeout = next(change for change in diffs[1].changes if change.path == ("Timeout",))
    assert (timeout.before, timeout.after) == (10, 6)
    assert {diff.sign for diff in compare_snapshots(None, snapshot(current=True))} == {"-"}


async def test_enter_shows_a_version_against_the_current_one_with_secrets_masked() -> None:
    async with opened() as screen:
        await screen.press("3", "down", "enter")
        text = screen.text()
        assert "orders version 41" in text
        assert "3 resources; against the current state: - 1 not in it, ~ 1 different" in text
        records = screen.text("#records")
        assert "Timeout: 10 → 6" in records
        assert "Environment.Variables.API_KEY: *** → ***" in records
        assert "- OrdersTable" in records
        await screen.press("escape")
        assert screen.pane == "versions"


async def test_the_current_version_is_only_listed() -> None:
    async with opened() as screen:
        await screen.press("3", "enter")
        assert "3 resources; this is the current state" in screen.text()
        assert "roll back" not in screen.text(".dialog")


async def test_roll_back_starts_from_there_too() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit) as screen:
        await screen.press("3", "down", "enter", "B")
        assert cockpit.requests == [Request(Operation.ROLLBACK, ("orders",), version=41, state_only=True)]


async def test_a_version_that_cannot_be_read_says_why() -> None:
    async with opened() as screen:
        await screen.press("3", "down", "down", "down", "enter")
        assert [line.strip() for line in screen.lines("#records")] == ["version 39 is damaged", "choose another"]


async def test_roll_back_keys_can_be_remapped_there() -> None:
    cockpit = FakeCockpit()
    async with opened(cockpit, keymap={"rollback": "f6"}) as screen:
        await screen.press("3", "down", "enter")
        assert "f6 roll back" in screen.text()
        await screen.press("f6")
        assert cockpit.requests[0].version == 41


class LongPast(FakeCockpit):
    """A past of three hundred versions, of which the newest was written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int | None] = []

    def versions(self, service: str) -> tuple[Version, ...]:
        made = super().versions(service)[1]
        numbered = tuple(replace(made, number=number) for number in range(300, 0, -1))
        by_hand = replace(made, number=0, update_id="", command="unrecorded write", user="", counted=False, updated=0)
        by_hand = replace(by_hand, address="@2026-03-01T11:59:00", current=True)
        partial = replace(by_hand, address="@2026-03-01T11:58:00", command="during deploy", current=False, partial=True)
        return (by_hand, partial, *numbered)

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        return snapshot(current=version == "@2026-03-01T11:59:00")

    def history(self, service: str, newest: int | None = None) -> History:
        self.asked.append(newest)
        return super().history(service, newest)


async def test_what_nobody_recorded_is_listed_without_a_number_and_its_changes_are_counted_under_the_cursor() -> None:
    async with opened(LongPast()) as screen:
        first, second = screen.lines("#versions")[1:3]
        assert first.startswith("●  · unrecorded")
        assert "~" not in first
        assert second.split()[0] == "300", "what was written on the way is not listed"
        await screen.press("3")
        assert "+1 ~1 -1" in screen.lines("#versions")[1]


async def test_older_versions_are_read_when_the_cursor_gets_there() -> None:
    cockpit = LongPast()
    async with opened(cockpit) as screen:
        assert set(cockpit.asked) == {100}
        await screen.press("3", "end")
        assert 400 in cockpit.asked
        await screen.press("end")
        assert "  1 refresh" in screen.lines("#versions")[-1]
