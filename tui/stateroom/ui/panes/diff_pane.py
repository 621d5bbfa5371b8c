"""Diff: the differences of the resource under the cursor in Resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from stateroom.model.diff import AttributeDiff, ResourceDiff
from stateroom.presentation.survey.diffs import SIDES
from stateroom.ui.panes.diff_rows import DiffRow, DiffRows
from stateroom.ui.widgets.line_list import LineList

AROUND = 4  # heading, verdict, what is folded
LEAST_LINES = 7


class DiffPane(LineList[DiffRow]):
    """List of one resource's attributes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.table = DiffRows(clock)
        super().__init__(self.table, id="diff")

    def show_resource(self, resource: ResourceDiff | None) -> None:
        """Show another resource, or the same one with newer readings."""
        self.table.resource = resource
        self._write()

    def unfold(self) -> None:
        """Show or fold attributes that the config does not manage, and the resource's identity."""
        self.table.unfolded = not self.table.unfolded
        self._write()

    def reveal(self, show: bool) -> None:
        """Show or mask secret values."""
        self.table.revealed = show
        self.repaint()

    @property
    def attribute(self) -> AttributeDiff | None:
        """The attribute under the cursor."""
        return self.current.diff if self.current else None

    def next_difference(self, step: int) -> bool:
        """Move to the next attribute; returns False when there is none."""
        before = self.cursor
        self.move_to(self.cursor + step)
        return self.cursor != before

    def on_resize(self) -> None:
        """Change between columns and stack."""
        self._write()

    def _write(self) -> None:
        self.show(self.table.rows(self.scrollable_content_region.width))

    @property
    def stacked(self) -> bool:
        """Whether the sides of an attribute stand one under the other."""
        return self.table.stacked(self.scrollable_content_region.width)

    def height_for(self, diffs: Iterable[ResourceDiff]) -> int:
        """Count the lines of the longest of some folded diffs: one height for all, so that going down moves nothing."""
        shown_by = (sum(item.shown for item in diff.attributes) for diff in diffs if diff.attributes)
        most = max(shown_by, default=0) * (1 + len(SIDES) if self.stacked else 1)
        shown = len(self.rows) if self.table.unfolded else 0
        return max(most + AROUND, shown + self.table.heading_lines, LEAST_LINES)

    def lines_of(self, index: int) -> tuple[int, ...]:
        """Shade all sides of an attribute when they are stacked."""
        if not self.stacked or not self.attribute:
            return (index,)
        return tuple(range(index, min(index + 1 + len(SIDES), len(self.rows))))
