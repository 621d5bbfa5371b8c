"""Footer: the keys of the focused pane; commands that cannot run now are dimmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message

from stateroom.ui.widgets.cells import Cell, Line
from stateroom.ui.widgets.painting import Bar


class KeyHint(NamedTuple):
    """A key and the label of its command."""

    key: str
    label: str
    name: str  # the command
    enabled: bool


class KeyBar(Bar):
    """Hints from left to right. When they do not fit, those before the last (help) are left out, from the right."""

    class Clicked(Message):
        """A hint was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.hints: tuple[KeyHint, ...] = ()

    def hint(self, hints: Sequence[KeyHint]) -> None:
        """Show other hints."""
        if tuple(hints) != self.hints:
            self.hints = tuple(hints)
            self.refresh()

    def _fitting(self, width: int) -> list[KeyHint]:
        first, last = list(self.hints[:-1]), list(self.hints[-1:])
        while first and sum(_width(hint) for hint in first + last) > width:
            first.pop()
        return first + last

    def line(self, width: int) -> Line:
        """Return the cells of the hints that fit."""
        cells: list[Cell] = []
        for hint in self._fitting(width):
            cells.append(Cell(f" {hint.key}", "key" if hint.enabled else "dim"))
            cells.append(Cell(f" {hint.label} ", "" if hint.enabled else "dim"))
        return cells

    def on_click(self, event: events.Click) -> None:
        """Run the command under the mouse."""
        end = 0
        for hint in self._fitting(self.size.width):
            end += _width(hint)
            if event.x < end:
                self.post_message(self.Clicked(hint.name))
                return


def _width(hint: KeyHint) -> int:
    return len(hint.key) + len(hint.label) + 3
