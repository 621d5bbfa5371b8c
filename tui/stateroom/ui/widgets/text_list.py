"""Text of any length, to be read: keys scroll it, nothing is under a cursor."""

from __future__ import annotations

from typing import TypeAlias

from stateroom.ui.widgets.cells import Cell, Line
from stateroom.ui.widgets.line_list import LineList

TextLine: TypeAlias = tuple[Cell, ...]


class TextList(LineList[TextLine]):
    """Lines of cells."""

    heading_lines = 0

    def line(self, row: TextLine, width: int) -> Line:  # noqa: ARG002
        """The line as it was given; what is too long is cut."""
        return row

    def _lines_of(self, index: int) -> tuple[int, ...]:  # noqa: ARG002
        return ()

    def action_move(self, step: int) -> None:
        """Scroll a line."""
        self.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll a page."""
        self.scroll_relative(y=step * max(1, self.page - 1), animate=False)

    def action_first(self) -> None:
        """Scroll to the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.scroll_end(animate=False)
