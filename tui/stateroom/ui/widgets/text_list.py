"""Text of any length for reading. Keys scroll it; with a format of its own it has a cursor while it has the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap
from typing import TypeAlias

from textual.message import Message

from stateroom.ui.widgets.cells import Cell, Line
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.row_format import RowFormat

TextLine: TypeAlias = tuple[Cell, ...]
Writer: TypeAlias = Callable[[int], Iterable[TextLine]]
"""Lines for a width in columns; called again when the width changes."""


class TextFormat(RowFormat[TextLine]):
    """Lines that are written as cells already."""

    heading_lines = 0

    def line(self, row: TextLine, width: int) -> Line:  # noqa: ARG002
        """Return the line as it was written."""
        return row


class TextList(LineList[TextLine]):
    """Lines of cells, written anew for every width."""

    class Viewed(Message):
        """Other lines are in view, or the number of lines has changed."""

        def __init__(self, sender: TextList) -> None:
            super().__init__()
            self.sender = sender

        @property
        def control(self) -> TextList:
            """The text, for selectors in `@on`."""
            return self.sender

    def __init__(self, text_format: TextFormat | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(text_format or TextFormat(), id=id)
        self._points = text_format is not None
        self._writer: Writer | None = None

    @property
    def below(self) -> int:
        """How many lines are under the last one in view."""
        return max(0, len(self.rows) - self.scroll_offset.y - self.page)

    @property
    def pointing(self) -> bool:
        """Whether there is a cursor: in a text with a format of its own, while it has the focus."""
        return self._points and self.has_focus

    def write(self, writer: Writer) -> None:
        """Show other text."""
        self._writer = writer
        self.on_resize()

    def on_resize(self) -> None:
        """Write the text for the new width."""
        width = self.scrollable_content_region.width
        if self._writer is not None and width:
            self.show(list(self._writer(width)))
            self.post_message(self.Viewed(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Announce that other lines are in view."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Viewed(self))

    def lines_of(self, index: int) -> tuple[int, ...]:
        """Shade the cursor's line, if there is a cursor."""
        return (index,) if self.pointing else ()

    def _keep_in_view(self) -> None:
        """Leave the scroll position alone without a cursor."""
        if self.pointing:
            super()._keep_in_view()

    def action_move(self, step: int) -> None:
        """Move the cursor; without one, scroll some lines."""
        self.move_to(self.cursor + step) if self.pointing else self.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Move or scroll a page."""
        self.action_move(step * max(1, self.page - 1))


def wrapped(text: str, width: int, style: str = "", *, indent: str = "") -> Iterator[TextLine]:
    """Wrap text at words, or inside them where it must, with every line after `indent`."""
    for line in wrap(text, max(8, width - len(indent)), drop_whitespace=True) or [""]:
        yield (Cell(indent + line, style),)
