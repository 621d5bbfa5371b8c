"""The screen as its user meets it: keys in, lines of text out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget

from stateroom.engine.requests import Cockpit
from stateroom.ui.app import StateroomApp
from stateroom.ui.deck.deck_screen import DeckScreen
from stateroom.ui.options import ScreenOptions
from tests.ui.fake import NOW, FakeCockpit


class Driver:
    """An app under test. Every action waits until what it set off is on the screen."""

    def __init__(self, app: StateroomApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def deck(self) -> DeckScreen:
        assert self.app.deck is not None
        return self.app.deck

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()

    async def press(self, *keys: str, settle: bool = True) -> None:
        await self.pilot.press(*keys)
        if settle:
            await self.settle()

    async def type(self, text: str) -> None:
        names = {"/": "slash", " ": "space", "?": "question_mark", "!": "exclamation_mark", "~": "tilde", ":": "colon"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens while a gate is closed."""
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)
        await self.pilot.pause()

    def text(self, widget: Widget | str | None = None) -> str:
        """What is drawn of a widget (by selector), or of the whole terminal."""
        screen = self.app.screen
        region = screen.region if widget is None else self._find(widget).region
        lines = ["".join(segment.text for segment in strip) for strip in screen._compositor.render_strips()]
        chosen = lines[region.y : region.bottom]
        return "\n".join(line[region.x : region.right].rstrip() for line in chosen)

    def lines(self, widget: Widget | str) -> list[str]:
        return [line for line in self.text(widget).splitlines() if line.strip()]

    def _find(self, widget: Widget | str) -> Widget:
        return self.app.screen.query_one(widget) if isinstance(widget, str) else widget

    @property
    def pane(self) -> str:
        return self.deck.panes.focused.value

    @property
    def toasts(self) -> list[str]:
        return [f"{note.title} {note.message}".strip() for note in self.app._notifications]


@asynccontextmanager
async def opened(
    cockpit: Cockpit | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    factory: Callable[[], Cockpit] | None = None,
    settle: bool = True,
    **options: Any,
) -> AsyncIterator[Driver]:
    """The screen on a cockpit, settled."""
    used = cockpit if cockpit is not None else FakeCockpit()
    app = StateroomApp(factory or (lambda: used), ScreenOptions(**options), clock=lambda: NOW)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        if settle:
            await driver.settle()
        else:
            await driver.until(lambda: app.deck is not None and app.screen is app.deck)
        try:
            yield driver
        finally:
            for gate in ("cloud_gate", "plan_gate", "step_gate"):
                event = getattr(cockpit, gate, None)
                if event is not None:
                    event.set()
