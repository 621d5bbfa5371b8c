"""How the screens look, as pictures. After a wanted change: `pytest tests/ui/test_looks.py --snapshot-update`."""

from __future__ import annotations

from typing import Any, Protocol

import pytest
import textual
from textual.pilot import Pilot

from stateroom.model.plan import Operation
from stateroom.ui.app import StateroomApp
from stateroom.ui.options import ScreenOptions
from tests.ui.fake import MIXED_STEPS, NOW, FakeCockpit

pytestmark = pytest.mark.skipif(
    not textual.__version__.startswith("8.2."), reason="the pictures were taken with Textual 8.2"
)


class Compare(Protocol):
    def __call__(self, app: StateroomApp, *, terminal_size: tuple[int, int], run_before: Any) -> bool: ...


SMALL, USUAL = (80, 24), (120, 40)


def look(compare: Compare, size: tuple[int, int], *keys: str) -> bool:
    """Whether the screen after some keys looks as it did."""
    cockpit = FakeCockpit(steps={Operation.DEPLOY: MIXED_STEPS})
    app = StateroomApp(lambda: cockpit, ScreenOptions(), clock=lambda: NOW)

    async def press(pilot: Pilot[int]) -> None:
        for key in (None, *keys):
            if key is not None:
                await pilot.press(key)
            await pilot.pause()
            await app.settled()
            await pilot.pause()
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause()

    return compare(app, terminal_size=size, run_before=press)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["80x24", "120x40"])
def test_the_deck(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert look(snap_compare, size)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["80x24", "120x40"])
def test_a_plan_that_destroys(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert look(snap_compare, size, "d")


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["80x24", "120x40"])
def test_a_version(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert look(snap_compare, size, "3", "down", "enter")


def test_help(snap_compare: Compare) -> None:
    assert look(snap_compare, SMALL, "question_mark", "pagedown")


def test_a_long_value(snap_compare: Compare) -> None:
    assert look(snap_compare, USUAL, "n", "4", "enter")


def test_the_deck_without_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert look(snap_compare, USUAL)
