"""A list of any length that paints only the lines in view.

Rows are plain data, and a `RowFormat` gives each its key and its cells. Nothing is measured, laid out or kept for rows
out of view, so 100 and 100,000 rows cost the same to show, filter and clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from stateroom.ui.widgets.painting import Painting
from stateroom.ui.widgets.row_format import RowFormat, index_of, nearest

Row = TypeVar("Row")


FAR = 10**9
"""Further than any list is long."""


class LineList(Painting, ScrollView, Generic[Row], can_focus=True):
    """One row a line, under a heading that does not scroll. The cursor stays on its row when rows come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False),
        Binding("home,g", f"move({-FAR})", "First", show=False),
        Binding("end,G", f"move({FAR})", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row, or on the same row with other contents."""

        def __init__(self, sender: LineList[Any]) -> None:
            super().__init__()
            self.sender = sender

        @property
        def control(self) -> LineList[Any]:
            """The list, for selectors in `@on`."""
            return self.sender

    class Chosen(Moved):
        """Enter or a double click on the row under the cursor."""

    def __init__(self, row_format: RowFormat[Row], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.row_format = row_format
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.moved = False  # by somebody: rows that come, go or change places do not count
        self._strips: LRUCache[tuple[int, int, bool], Strip] = LRUCache(512)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows. The cursor stays on its row, at the same height of the view, or where that row was."""
        before, old, key = self.current, self.cursor, self.row_format.key
        self.rows = rows
        found = index_of(rows, key, key(before) if before is not None else None, old)
        self.cursor = nearest(rows, self.row_format.selectable, found)
        self._fit()
        if self.cursor != old and self.scroll_offset.y:
            self.scroll_to(y=max(0, self.scroll_offset.y + self.cursor - old), animate=False, force=True)
        self._keep_in_view()
        self.repaint()
        if self.current is not before:
            self.post_message(self.Moved(self))

    def repaint(self) -> None:
        """Paint all lines in view again."""
        self._strips.clear()
        self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, or on the nearest selectable one."""
        self.moved = True
        if not self.rows:
            return
        wanted = max(0, min(index, len(self.rows) - 1))
        index = nearest(self.rows, self.row_format.selectable, wanted, forward=wanted >= self.cursor)
        if index == self.cursor:
            return
        old, self.cursor = self.cursor, index
        scrolled = self.scroll_offset.y
        self._keep_in_view()
        if self.scroll_offset.y == scrolled:
            for line in {*self.lines_of(old), *self.lines_of(index)}:
                self.refresh(Region(0, line - scrolled + self.row_format.heading_lines, self.size.width, 1))
        else:
            self.refresh()
        self.post_message(self.Moved(self))

    def lines_of(self, index: int) -> tuple[int, ...]:
        """Return the lines that are shaded when the cursor is on a row."""
        return (index,)

    def _fit(self) -> None:
        height = len(self.rows) + self.row_format.heading_lines
        self.virtual_size = Size(self.scrollable_content_region.width, height)

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.scrollable_content_region.height - self.row_format.heading_lines)

    def _keep_in_view(self) -> None:
        top, page = self.scroll_offset.y, self.page
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, force=True)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._fit()
        self._keep_in_view()
        self.repaint()

    def on_focus(self) -> None:
        """Paint the cursor of the list that has the keys."""
        self.repaint()

    def on_blur(self) -> None:
        """Paint the cursor of a list without the keys."""
        self.repaint()

    def notify_style_update(self) -> None:
        """Forget what was painted with the old styles."""
        self._strips.clear()
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor on a click, choose the row on a double click."""
        heading = self.row_format.heading_lines
        index = event.y - heading + self.scroll_offset.y
        if event.y >= heading and 0 <= index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.action_choose()

    def action_move(self, step: int) -> None:
        """Move the cursor some rows up or down."""
        self.move_to(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor a page up or down."""
        self.move_to(self.cursor + step * max(1, self.page - 1))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self))

    def render_line(self, y: int) -> Strip:
        """Paint one line of the view, or take it from the cache."""
        width, row_format = self.scrollable_content_region.width, self.row_format
        if y < row_format.heading_lines:
            shade = self.component("heading-focused" if self.has_focus else "heading")
            return self.strip(row_format.heading(width), width, shade)
        index = y - row_format.heading_lines + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        under = index in self.lines_of(self.cursor) and row_format.selectable(self.rows[self.cursor])
        key = (index, width, under)
        strip = self._strips.get(key)
        if strip is None:
            shade = self.component("cursor" if self.has_focus else "cursor-blurred") if under else Style.null()
            strip = self.strip(row_format.line(self.rows[index], width), width, shade)
            self._strips.set(key, strip)
        return strip
