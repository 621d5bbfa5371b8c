"""A list of any length that paints only the lines in view.

Rows are plain data. A subclass says what identifies a row and which cells a line of it has; nothing is measured,
laid out or kept for rows that nobody looks at, so 100 and 100,000 rows cost the same to show, filter and clear.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from stateroom.ui.widgets.cells import Line
from stateroom.ui.widgets.painting import Painting

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

    heading_lines = 1

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self._strips: LRUCache[tuple[int, int, bool], Strip] = LRUCache(512)

    # What a subclass says.

    def key(self, row: Row) -> Hashable:
        """What a row is known by while the list changes around it."""
        return row

    def line(self, row: Row, width: int) -> Line:  # noqa: ARG002
        """The cells of a row, `width` columns in all."""
        raise TypeError(f"{type(self).__name__} has no line() for {row!r}")

    def heading(self, width: int) -> Line:  # noqa: ARG002
        """The cells of the heading."""
        return ()

    def selectable(self, row: Row) -> bool:  # noqa: ARG002
        """Whether the cursor may rest on a row."""
        return True

    # What the owner of the list uses.

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows. The cursor stays on its row, at the same height of the view, or where that row was."""
        before = self.current
        known = self.key(before) if before is not None else None
        old = self.cursor
        self.rows = rows
        self.cursor = self._nearest(self._index_of(known, old))
        self._resize()
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
        """Put the cursor on a row."""
        if not self.rows:
            return
        index = self._nearest(max(0, min(index, len(self.rows) - 1)), forward=index >= self.cursor)
        if index == self.cursor:
            return
        old, self.cursor = self.cursor, index
        scrolled = self.scroll_offset.y
        self._keep_in_view()
        if self.scroll_offset.y == scrolled:
            for line in {*self._lines_of(old), *self._lines_of(index)}:
                self.refresh(Region(0, line - scrolled + self.heading_lines, self.size.width, 1))
        else:
            self.refresh()
        self.post_message(self.Moved(self))

    # The rest is how.

    def _index_of(self, key: Hashable, guess: int) -> int:
        if key is None:
            return 0
        if guess < len(self.rows) and self.key(self.rows[guess]) == key:
            return guess
        for index, row in enumerate(self.rows):
            if self.key(row) == key:
                return index
        return max(0, min(guess, len(self.rows) - 1))

    def _nearest(self, index: int, *, forward: bool = True) -> int:
        """The selectable row nearest to an index: onwards first, then the other way."""
        onwards, back = range(index, len(self.rows)), range(min(index, len(self.rows) - 1), -1, -1)
        for candidate in chain(*((onwards, back) if forward else (back, onwards))):
            if self.selectable(self.rows[candidate]):
                return candidate
        return 0

    def _lines_of(self, index: int) -> tuple[int, ...]:
        return (index,)

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.rows) + self.heading_lines)

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.scrollable_content_region.height - self.heading_lines)

    def _keep_in_view(self) -> None:
        top, page = self.scroll_offset.y, self.page
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, force=True)

    def on_resize(self) -> None:
        """Fit lines to the new width."""
        self._resize()
        self._keep_in_view()
        self.repaint()

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.repaint()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.repaint()

    def notify_style_update(self) -> None:
        """Styles may have changed: forget what was painted with the old ones."""
        self._strips.clear()
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click chooses."""
        index = event.y - self.heading_lines + self.scroll_offset.y
        if event.y >= self.heading_lines and 0 <= index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.action_choose()

    def action_move(self, step: int) -> None:
        """Some rows up or down."""
        self.move_to(self.cursor + step)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self.move_to(self.cursor + step * max(1, self.page - 1))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self))

    def render_line(self, y: int) -> Strip:
        """One line of the view, from the cache if it was painted before."""
        width = self.scrollable_content_region.width
        if y < self.heading_lines:
            return self.strip(
                self.heading(width), width, self.component("heading-focused" if self.has_focus else "heading")
            )
        index = y - self.heading_lines + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        under = index in self._lines_of(self.cursor) and self.selectable(self.rows[self.cursor])
        key = (index, width, under)
        strip = self._strips.get(key)
        if strip is None:
            shade = self.component("cursor" if self.has_focus else "cursor-blurred") if under else Style.null()
            strip = self.strip(self.line(self.rows[index], width), width, shade)
            self._strips.set(key, strip)
        return strip
