"""Footer: the keys of the focused pane; commands that cannot run now are dimmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message

from stateroom.presentation.text import cells, elide, plain
from stateroom.ui.widgets.cells import Cell, Line
from stateroom.ui.widgets.painting import Bar


class KeyHint(NamedTuple):
    """A key and the label of its command."""

    key: str
    label: str
    name: str  # the command
    enabled: bool


_ROOM_FOR_SCOPE = 100  # columns


class KeyBar(Bar):
    """Hints from left to right, after what the keys act on where there is room for it.

    When the hints do not fit, those before the last (help) are left out, from the right.
    """

    class Clicked(Message):
        """A hint was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.hints: tuple[KeyHint, ...] = ()
        self.scope = ""

    def hint(self, hints: Sequence[KeyHint], scope: str = "") -> None:
        """Show other hints; `scope`: what their keys act on."""
        if (tuple(hints), scope) != (self.hints, self.scope):
            self.hints, self.scope = tuple(hints), scope
            self.refresh()

    def _head(self, width: int) -> str:
        return f" {elide(plain(self.scope), width // 4)}:" if self.scope and width >= _ROOM_FOR_SCOPE else ""

    def _fitting(self, width: int) -> list[KeyHint]:
        width -= cells(self._head(width))
        first, last = list(self.hints[:-1]), list(self.hints[-1:])
        while first and sum(_width(hint) for hint in first + last) > width:
            first.pop()
        return first + last

    def line(self, width: int) -> Line:
        """Return the cells of the hints that fit."""
        line = [Cell(head, "strong")] if (head := self._head(width)) else []
        for hint in self._fitting(width):
            line.append(Cell(f" {hint.key}", "key" if hint.enabled else "dim"))
            line.append(Cell(f" {hint.label} ", "" if hint.enabled else "dim"))
        return line

    def on_click(self, event: events.Click) -> None:
        """Run the command under the mouse."""
        end = cells(self._head(self.size.width))
        if event.x < end:
            return
        for hint in self._fitting(self.size.width):
            end += _width(hint)
            if event.x < end:
                self.post_message(self.Clicked(hint.name))
                return


def _width(hint: KeyHint) -> int:
    return len(hint.key) + len(hint.label) + 3
