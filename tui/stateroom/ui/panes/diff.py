"""Diff: one resource's attributes in three columns, the odd one out marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff
from stateroom.model.values import ABSENT, UNREAD, Value, reveal
from stateroom.presentation.diffs import SIDES, odd_one_out, verdict, would_within
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import age, short, spread, type_name
from stateroom.ui.looks.ascii_glyphs import ODD
from stateroom.ui.widgets.cells import Cell, Line, fit, share
from stateroom.ui.widgets.line_list import LineList

STACK_BELOW = 70
AROUND = 4  # heading, verdict, what is folded
LEAST_LINES = 7
MARK_STYLES = {Mark.DRIFT: "cloud", Mark.STALE: "state", Mark.CONFLICT: "conflict", Mark.UNKNOWN: "dim"}


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of the diff: an attribute (or one of its parts when stacked), or a line of text."""

    diff: AttributeDiff | None = None
    part: str = ""  # "", "config", "state", "cloud"
    text: str = ""
    style: str = ""


class DiffPane(LineList[DiffRow]):
    """The differences of the resource under the cursor in Resources."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="diff")
        self.clock = clock
        self.resource: ResourceDiff | None = None
        self.unfolded = False
        self.revealed = False
        self.deployer = ""  # another tool, whose state is all that is known

    def reload(self, resource: ResourceDiff | None) -> None:
        """Show another resource, or the same one with newer readings."""
        self.resource = resource
        self.show(self._rows())

    def unfold(self) -> None:
        """Show or fold what is folded."""
        self.unfolded = not self.unfolded
        self.reload(self.resource)

    def reveal(self, show: bool) -> None:
        """Show or mask secret values."""
        self.revealed = show
        self.repaint()

    @property
    def attribute(self) -> AttributeDiff | None:
        """The attribute under the cursor."""
        return self.current.diff if self.current else None

    def key(self, row: DiffRow) -> tuple[object, ...]:
        """Resource, attribute and part."""
        owner = (self.resource.service, self.resource.logical_id) if self.resource else ()
        return (*owner, row.diff.path if row.diff else None, row.part, row.text)

    def selectable(self, row: DiffRow) -> bool:
        """The cursor goes from attribute to attribute."""
        return row.diff is not None and not row.part

    def next_difference(self, step: int) -> bool:
        """To the next attribute."""
        before = self.cursor
        self.move_to(self.cursor + step)
        return self.cursor != before

    def values(self, diff: AttributeDiff) -> tuple[Value, Value, Value]:
        """Config, state and cloud, with secrets as they may be shown now."""
        sides = (diff.config, diff.state, diff.cloud)
        return (reveal(sides[0]), reveal(sides[1]), reveal(sides[2])) if self.revealed else sides

    @property
    def stacked(self) -> bool:
        """Whether the terminal is too narrow for three columns."""
        return 0 < self.scrollable_content_region.width < STACK_BELOW and not self.deployer

    def on_resize(self) -> None:
        """Columns or stack."""
        self.show(self._rows())

    def height_for(self, diffs: Iterable[ResourceDiff]) -> int:
        """Lines that hold the longest of some diffs, folded: one height for all, so that going down moves nothing."""
        managed = (sum(item.managed for item in diff.attributes) for diff in diffs if diff.attributes)
        most = max(managed, default=0) * (1 + len(SIDES) if self.stacked else 1)
        shown = len(self.rows) if self.unfolded else 0
        return max(most + AROUND, shown + self.heading_lines, LEAST_LINES)

    def _rows(self) -> list[DiffRow]:
        resource = self.resource
        if resource is None:
            return []
        width = max(20, self.scrollable_content_region.width - 2)
        head = f"as {self.deployer} left it: there is no config to compare with" if self.deployer else verdict(resource)
        if len(head) > width and resource.attributes:
            head = _counts(resource)
        rows = [DiffRow(text=line, style="bad" if resource.error else "") for line in wrap(head, width)]
        managed = [diff for diff in resource.attributes if diff.managed]
        unmanaged = [diff for diff in resource.attributes if not diff.managed]
        rows += self._attributes(managed)
        if unmanaged:
            what = f"{len(unmanaged)} that the config does not manage"
            if self.deployer:
                what = "1 output" if len(unmanaged) == 1 else f"{len(unmanaged)} outputs"
            rows.append(DiffRow(text=f"{what}:" if self.unfolded else f"{what} (e unfolds)", style="dim"))
            rows += self._attributes(unmanaged) if self.unfolded else []
        if resource.same:
            rows.append(DiffRow(text=f"{resource.same} in step", style="dim"))
        if self.unfolded:
            rows += [DiffRow(text=line, style="dim") for line in self._identity(resource)]
        return rows

    def _attributes(self, diffs: list[AttributeDiff]) -> list[DiffRow]:
        parts = ("", *SIDES) if self.stacked else ("",)
        return [DiffRow(diff, part) for diff in diffs for part in parts]

    def _identity(self, resource: ResourceDiff) -> list[str]:
        read = f"cloud read {age(resource.read_at, self.clock())} ago" if resource.read_at else "cloud not read"
        if self.deployer:
            read = f"part of {resource.parent}" if resource.parent else "part of nothing"
        return [f"type {resource.type}", f"physical id {resource.physical_id or 'none yet'}", read]

    def _lines_of(self, index: int) -> tuple[int, ...]:
        if not self.stacked:
            return (index,)
        return tuple(range(index, min(index + 1 + len(SIDES), len(self.rows)))) if self.attribute else (index,)

    def _first(self, width: int) -> int:
        """Columns for the names of attributes beside a single value."""
        longest = max((cells(diff.name) for diff in self.resource.attributes), default=0) if self.resource else 0
        return min(max(14, longest), width // 3)

    def _widths(self, width: int) -> tuple[int, ...]:
        return share(width - 4, (14, 36, 2), (12, 44, 2), (12, 44, 2), (12, 44, 2), (12, 60, 4))

    def heading(self, width: int) -> Line:
        """Whose diff, and the columns' names."""
        name = f"{self.resource.logical_id}  {type_name(self.resource.type)}" if self.resource else "Diff"
        if self.stacked or self.resource is None or not self.resource.attributes:
            return (Cell(fit(f" {name}", width)),)
        if self.deployer:
            return (Cell(fit(f" {name}", width)),)
        first, *sides, last = self._widths(width)
        name = self.resource.logical_id
        titles = (Cell(f" {fit(side, size - 1)}", side) for side, size in zip(SIDES, sides, strict=True))
        return (
            Cell(fit(f" {name}", first + 3)),
            *titles,
            Cell(fit("what would change it" if last > 20 else "would", last + 1)),
        )

    def line(self, row: DiffRow, width: int) -> Line:
        """An attribute in columns, a part of one, or text."""
        diff = row.diff
        if diff is None:
            return (Cell(fit(f" {row.text}", width), row.style),)
        if row.part:
            return self._part(diff, row.part, width)
        if self.deployer:
            first = self._first(width)
            name, text = fit(diff.name, first, middle=True), short(self.values(diff)[1], width - first - 5)
            return (Cell("   "), Cell(name, "" if diff.managed else "dim"), Cell("  "), Cell(text))
        mark = Cell(f" {diff.mark.value} ", MARK_STYLES.get(diff.mark, "config"))
        if self.stacked:
            return (mark, Cell(fit(diff.name, width - 3, middle=True), "strong"))
        first, *sides, last = self._widths(width)
        odd = odd_one_out(diff)
        texts = spread(self.values(diff), min(sides) - 2)
        columns = [
            _value(side, value, text, size, side in odd)
            for side, value, text, size in zip(SIDES, self.values(diff), texts, sides, strict=True)
        ]
        flat = [cell for column in columns for cell in column]
        return (
            mark,
            Cell(fit(diff.name, first, middle=True)),
            *flat,
            Cell(fit(would_within(diff, last), last), "dim"),
            Cell(" "),
        )

    def _part(self, diff: AttributeDiff, side: str, width: int) -> Line:
        values = self.values(diff)
        texts = spread(values, width - 14)
        index = SIDES.index(side)
        label = Cell(f"   {side:<7}", "dim")
        return (label, *_value(side, values[index], texts[index], width - 11, side in odd_one_out(diff)))


def _counts(resource: ResourceDiff) -> str:
    """`2 pending, 1 drift`: for when there is no room to say what that means."""
    counts = Counter(diff.mark for diff in resource.attributes if diff.managed)
    return ", ".join(f"{number} {mark.meaning}" for mark, number in counts.items())


def _value(side: str, value: Value, text: str, width: int, odd: bool) -> tuple[Cell, Cell]:
    style = side if odd else "dim" if value is ABSENT or value is UNREAD else ""
    return Cell(ODD if odd else " ", side), Cell(fit(plain(text), width - 1), style)
