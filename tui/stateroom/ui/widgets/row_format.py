"""Format of the rows of a list: identity, cells and heading. Plain code without a widget."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from typing import Generic, TypeVar

from stateroom.ui.widgets.cells import Line

Row = TypeVar("Row")


class RowFormat(Generic[Row]):
    """Base of the formats: one for each list."""

    heading_lines = 1

    def key(self, row: Row) -> Hashable:
        """Return what identifies a row while the list changes around it."""
        return row

    def line(self, row: Row, width: int) -> Line:  # noqa: ARG002
        """Return the cells of a row, `width` columns in all."""
        raise TypeError(f"{type(self).__name__} has no line() for {row!r}")

    def heading(self, width: int) -> Line:  # noqa: ARG002
        """Return the cells of the heading."""
        return ()

    def selectable(self, row: Row) -> bool:  # noqa: ARG002
        """Tell whether the cursor may rest on a row."""
        return True


def index_of(rows: Sequence[Row], key: Callable[[Row], Hashable], wanted: Hashable, guess: int) -> int:
    """Find the row with a key, looking at `guess` first; the row at `guess` when there is none."""
    if wanted is None:
        return 0
    if guess < len(rows) and key(rows[guess]) == wanted:
        return guess
    for index, row in enumerate(rows):
        if key(row) == wanted:
            return index
    return max(0, min(guess, len(rows) - 1))


def nearest(rows: Sequence[Row], selectable: Callable[[Row], bool], index: int, *, forward: bool = True) -> int:
    """Find the selectable row nearest to an index: onwards first, then the other way; 0 when there is none."""
    onwards, back = range(index, len(rows)), range(min(index, len(rows) - 1), -1, -1)
    for candidate in chain(*((onwards, back) if forward else (back, onwards))):
        if selectable(rows[candidate]):
            return candidate
    return 0
