"""The three columns as aligned text, so that a difference pasted into a ticket reads as it does on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stateroom.model.diff import AttributeDiff, ResourceDiff
from stateroom.presentation.survey.diffs import SIDES, columns, odd_one_out, would, would_within
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import full

ARROW = "▸"
_BAR = "│"
_NARROWEST = 10  # cells for a value, below which the three are stacked instead
_FRAME = 3 + 3 * 2 + 2  # the mark; a bar and an arrow before each side; the bar before the last column


@dataclass(frozen=True, slots=True)
class Layout:
    """Column widths in cells, the same for every row of a table."""

    name: int
    side: int
    would: int
    stacked: bool  # too narrow for columns: values stand below the name


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute: texts filled up to their columns. Sides are config, state, cloud, without their arrows."""

    mark: str
    name: str
    sides: tuple[str, str, str]
    odd: frozenset[str]
    would: str


def layout(attributes: Iterable[AttributeDiff], width: int) -> Layout:
    """Widths for these attributes in a table of at most `width` cells."""
    items = list(attributes)
    name = min(max((cells(plain(item.name)) for item in items), default=0), max(width // 4, 12))
    last = min(max((cells(would(item)) for item in items), default=0), max(width // 3, 12))
    widest = max((cells(full(side)) for item in items for side in (item.config, item.state, item.cloud)), default=0)
    room = (width - _FRAME - name - last) // 3
    if room < _NARROWEST:
        return Layout(max(width - 3, 1), max(width - 14, 8), max(width - 5, 1), stacked=True)
    side = max(min(room, widest), len("config"))
    # What the values do not need goes to the column that explains.
    return Layout(name, side, width - _FRAME - name - 3 * side, stacked=False)


def rows(diff: ResourceDiff, widths: Layout, *, unmanaged: bool = False) -> tuple[Row, ...]:
    """Build a row for each attribute; undeclared ones that are not dangerous only with `unmanaged`."""
    return tuple(_row(item, widths) for item in diff.attributes if item.shown or unmanaged)


def _row(item: AttributeDiff, widths: Layout) -> Row:
    config, state, cloud = (pad(text, widths.side) for text in columns(item, widths.side))
    name = pad(plain(item.name), widths.name)
    return Row(item.mark.value, name, (config, state, cloud), odd_one_out(item), would_within(item, widths.would))


def header(widths: Layout) -> str:
    """Format the line above the table; nothing when the values are stacked, where each is labelled."""
    if widths.stacked:
        return ""
    titles = "".join(f"{_BAR} {pad(side, widths.side)}" for side in SIDES)
    return f"   {pad('attribute', widths.name)}{titles}{_BAR} would"


def arrow(row: Row, side: str) -> str:
    """`▸` before the odd one out, so that it can be found without colour."""
    return ARROW if side in row.odd else " "


def bar() -> str:
    """Return the separator between two columns."""
    return _BAR
