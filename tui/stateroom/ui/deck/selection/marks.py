"""A list whose rows can be marked, many at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

from stateroom.ui.widgets.line_list import LineList

Row = TypeVar("Row")


class MarkingList(LineList[Row]):
    """Space marks a row and goes to the next; marks belong to keys, so they outlive filters and new data."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.marked: dict[Hashable, None] = {}  # a set that keeps the order

    # What a subclass says.

    def markable(self, row: Row) -> bool:
        """Whether a row is marked along with all others."""
        return self.selectable(row)

    def marks_of(self, row: Row) -> Iterable[Hashable]:
        """The keys that are marked when a row is."""
        return (self.key(row),)

    # What the owner of the list uses.

    def toggle(self) -> None:
        """Mark the row under the cursor or take its mark away, and go one row down."""
        if self.current is not None:
            self._turn(dict.fromkeys(self.marks_of(self.current)))
            self.action_move(1)

    def mark_all(self) -> None:
        """Mark every row in the list; if all are marked, none."""
        self._turn(dict.fromkeys(key for row in self.rows if self.markable(row) for key in self.marks_of(row)))

    def _turn(self, keys: dict[Hashable, None]) -> None:
        if all(key in self.marked for key in keys):
            for key in keys:
                del self.marked[key]
        else:
            self.marked.update(keys)
        self.repaint()

    def clear_marks(self) -> bool:
        """Take all marks away; False when there were none."""
        had = bool(self.marked)
        self.marked.clear()
        self.repaint()
        return had

    def keep_marks(self, keys: Iterable[Hashable]) -> None:
        """Forget marks on what no longer exists."""
        if self.marked:
            existing = set(keys)
            self.marked = {key: None for key in self.marked if key in existing}
