"""Rows of the Diff pane: attributes in three columns, or one side under the other where there is no room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff
from stateroom.model.values import ABSENT, UNREAD, Value, reveal
from stateroom.presentation.survey.diffs import SIDES, odd_one_out, would_within
from stateroom.presentation.survey.verdicts import obstacle, verdict
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import age, short, spread, type_name
from stateroom.ui.looks.ascii_glyphs import ODD
from stateroom.ui.widgets.cells import Cell, Line, fit, share
from stateroom.ui.widgets.row_format import RowFormat

STACK_BELOW = 70  # columns
MARK_STYLES = {
    Mark.DRIFT: "cloud",
    Mark.UNDECLARED: "cloud",
    Mark.STALE: "state",
    Mark.CONFLICT: "conflict",
    Mark.UNKNOWN: "dim",
}


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of the diff: an attribute (or one of its sides when stacked), or a line of text."""

    diff: AttributeDiff | None = None
    part: str = ""  # "", "config", "state", "cloud"
    text: str = ""
    style: str = ""


class DiffRows(RowFormat[DiffRow]):
    """Format of one resource's differences, the odd one out marked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.resource: ResourceDiff | None = None
        self.unfolded = False
        self.revealed = False
        self.deployer = ""  # another tool, whose state is all that is known

    def key(self, row: DiffRow) -> tuple[object, ...]:
        """Return resource, attribute and side."""
        owner = (self.resource.service, self.resource.logical_id) if self.resource else ()
        return (*owner, row.diff.path if row.diff else None, row.part, row.text)

    def selectable(self, row: DiffRow) -> bool:
        """Let the cursor go from attribute to attribute."""
        return row.diff is not None and not row.part

    def values(self, diff: AttributeDiff) -> tuple[Value, Value, Value]:
        """Return config, state and cloud, with secrets masked unless they are revealed."""
        sides = (diff.config, diff.state, diff.cloud)
        return (reveal(sides[0]), reveal(sides[1]), reveal(sides[2])) if self.revealed else sides

    def stacked(self, width: int) -> bool:
        """Tell whether a width is too narrow for three columns."""
        return 0 < width < STACK_BELOW and not self.deployer

    def rows(self, width: int) -> list[DiffRow]:
        """List the rows of the resource for a width in columns."""
        resource = self.resource
        if resource is None:
            return []
        parts = ("", *SIDES) if self.stacked(width) else ("",)
        width = max(20, width - 2)
        head = f"as {self.deployer} left it: there is no config to compare with" if self.deployer else verdict(resource)
        if len(head) > width and resource.attributes:
            head = "; ".join(part for part in (_counts(resource), obstacle(resource)) if part)
        rows = [DiffRow(text=line, style="bad" if resource.error else "") for line in wrap(head, width)]
        rows += [DiffRow(diff, part) for diff in resource.attributes if diff.shown for part in parts]
        unmanaged = [diff for diff in resource.attributes if not diff.shown]
        if unmanaged:
            what = f"^{len(unmanaged)} undeclared"
            if self.deployer:
                what = "1 output" if len(unmanaged) == 1 else f"{len(unmanaged)} outputs"
            rows.append(DiffRow(text=f"{what}:" if self.unfolded else f"{what} (e unfolds)", style="dim"))
            rows += [DiffRow(diff, part) for diff in unmanaged for part in parts] if self.unfolded else []
        if resource.same and not resource.in_step:  # else the head says it
            rows.append(DiffRow(text=f"{resource.same} in step", style="dim"))
        if self.unfolded:
            rows += [DiffRow(text=line, style="dim") for line in self._identity(resource)]
        return rows

    def _identity(self, resource: ResourceDiff) -> list[str]:
        read = f"cloud read {age(resource.read_at, self.clock())} ago" if resource.read_at else "cloud not read"
        if self.deployer:
            read = f"part of {resource.parent}" if resource.parent else "part of nothing"
        return [f"type {resource.type}", f"physical id {resource.physical_id or 'none yet'}", read]

    def heading(self, width: int) -> Line:
        """Return the resource's name and the names of the columns."""
        name = f"{self.resource.logical_id}  {type_name(self.resource.type)}" if self.resource else "Diff"
        if self.stacked(width) or self.deployer or self.resource is None or not self.resource.attributes:
            return (Cell(fit(f" {name}", width)),)
        first, *sides, last = _widths(width)
        titles = (Cell(f" {fit(side, size - 1)}", side) for side, size in zip(SIDES, sides, strict=True))
        return (
            Cell(fit(f" {self.resource.logical_id}", first + 3)),
            *titles,
            Cell(fit("what would change it" if last > 20 else "would", last + 1)),
        )

    def line(self, row: DiffRow, width: int) -> Line:
        """Return an attribute in columns, one side of it, or text."""
        diff = row.diff
        if diff is None:
            return (Cell(fit(f" {row.text}", width), row.style),)
        if row.part:
            return self._part(diff, row.part, width)
        if self.deployer:
            return self._single(diff, width)
        mark = Cell(f" {diff.mark.value} ", MARK_STYLES.get(diff.mark, "config"))
        if self.stacked(width):
            return (mark, Cell(fit(diff.name, width - 3, middle=True), "strong"))
        return (mark, *self._columns(diff, width))

    def _single(self, diff: AttributeDiff, width: int) -> Line:
        longest = max((cells(diff.name) for diff in self.resource.attributes), default=0) if self.resource else 0
        first = min(max(14, longest), width // 3)
        name, text = fit(diff.name, first, middle=True), short(self.values(diff)[1], width - first - 5)
        return (Cell("   "), Cell(name, "" if diff.managed else "dim"), Cell("  "), Cell(text))

    def _columns(self, diff: AttributeDiff, width: int) -> Line:
        first, *sides, last = _widths(width)
        odd = odd_one_out(diff)
        texts = spread(self.values(diff), min(sides) - 2)
        columns = [
            _value(side, value, text, size, side in odd)
            for side, value, text, size in zip(SIDES, self.values(diff), texts, sides, strict=True)
        ]
        flat = [cell for column in columns for cell in column]
        would = Cell(fit(would_within(diff, last), last), "dim")
        return (Cell(fit(diff.name, first, middle=True)), *flat, would, Cell(" "))

    def _part(self, diff: AttributeDiff, side: str, width: int) -> Line:
        values = self.values(diff)
        texts = spread(values, width - 14)
        index = SIDES.index(side)
        label = Cell(f"   {side:<7}", "dim")
        return (label, *_value(side, values[index], texts[index], width - 11, side in odd_one_out(diff)))


def _widths(width: int) -> tuple[int, ...]:
    return share(width - 4, (14, 36, 2), (12, 44, 2), (12, 44, 2), (12, 44, 2), (12, 60, 4))


def _counts(resource: ResourceDiff) -> str:
    """Summarise as `2 pending, 1 drift` when there is no room for the whole verdict."""
    counts = Counter(diff.mark for diff in resource.attributes if diff.shown)
    return ", ".join(f"{number} {mark.meaning}" for mark, number in counts.items())


def _value(side: str, value: Value, text: str, width: int, odd: bool) -> tuple[Cell, Cell]:
    style = side if odd else "dim" if value is ABSENT or value is UNREAD else ""
    return Cell(ODD if odd else " ", side), Cell(fit(plain(text), width - 1), style)
