"""Rows of the Resources pane: mark, two letters of status, name in the tree, type, age of the reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from stateroom.model.diff import Mark, ResourceDiff, X, Y
from stateroom.presentation.survey.agreement import reason_of
from stateroom.presentation.text import cells, elide, plain
from stateroom.presentation.values import age, type_name
from stateroom.ui.deck.deck_model import Address
from stateroom.ui.deck.selection.component_tree import ComponentTree
from stateroom.ui.deck.selection.filters import ResourceFilter
from stateroom.ui.deck.selection.marks import Marks
from stateroom.ui.looks.ascii_glyphs import FOLDED, HOLDS_MARKED, MARKED, OPEN
from stateroom.ui.widgets.cells import Cell, Line, fit, share
from stateroom.ui.widgets.row_format import RowFormat

Remark: TypeAlias = str
"""A line above the resources or in their place: an error, or that there are none."""

X_STYLES = {X.CHANGED: "config", X.NEW: "config", X.GONE: "config", X.UNKNOWN: "dim"}
Y_STYLES = {Y.DRIFT: "cloud", Y.MISSING: "bad", Y.UNREAD: "dim", Y.NONE: "dim"}


class ResourceRows(RowFormat[ResourceDiff | Remark]):
    """Format of resources and remarks, with the filter, the marks and the tree that they are shown by."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.filter = ResourceFilter()
        self.marks = Marks()
        self.components = ComponentTree()
        self.compared = True  # False: there is nothing to compare states with, so there are no letters and no readings
        self.with_service = False
        self.whose = ""  # the chosen service, or "all"; "" when the project has only one
        self.service = ""
        self.total = 0
        self.shared: frozenset[str] = frozenset()  # reasons of unread resources that a remark gives for all of them
        self._holding: set[Address] = set()  # components with marked parts

    def arrange(self, diffs: Sequence[ResourceDiff]) -> list[ResourceDiff]:
        """Return the resources that pass the filter, as a tree if they have components."""
        self.total = len(diffs)
        return self.components.arrange(diffs, self.filter)

    def find_holders(self) -> None:
        """Find the components that hold marked parts."""
        self._holding = self.components.holding(list(self.marks))

    def key(self, row: ResourceDiff | Remark) -> Address | Remark:
        """Return the address."""
        return row if isinstance(row, str) else (row.service, row.logical_id)

    def selectable(self, row: ResourceDiff | Remark) -> bool:
        """Keep the cursor off remarks."""
        return not isinstance(row, str)

    def _widths(self, width: int) -> tuple[int, ...]:
        if not self.compared:
            return share(width - 3, (24, 60, 2), (14, 48, 1))
        kind = (26, 26, 0) if width > 80 else (12, 26, 1) if width > 44 else (0, 0, 0)
        return share(width - 11, (16, 60, 4), kind)

    def heading(self, width: int) -> Line:
        """Return the pane's name with counts and filter, and the names of the columns."""
        text = self.filter.text
        count = f"{self.components.hits} of {self.total}" if text else str(self.total)
        title = f" Resources {f'{self.whose} ' if self.whose else ''}{count}{self._marked()}" + (
            f"  /{text}" if text else ""
        )
        name, kind = self._widths(width)
        if not self.compared:
            return (Cell(fit(title, width - kind - 1)), Cell(fit("type", kind)), Cell(" "))
        if len(title) > name + 4:
            return (Cell(fit(title, width - 6)), Cell(fit("read", 5, right=True)), Cell(" "))
        return (
            Cell(fit(title, name + 5)),
            Cell(fit("type", kind)),
            Cell(fit("read", 5, right=True)),
        )

    def _marked(self) -> str:
        """Count what the keys act on, and how much of it the filter hides."""
        marks = list(self.marks.of(self.service))
        hidden = sum(self.components.hides(address) for address in marks)
        beside = f", {hidden} not shown" if hidden else ""
        return f" · {len(marks)} marked{beside}" if marks else ""

    def line(self, row: ResourceDiff | Remark, width: int) -> Line:
        """Return the cells of a resource or of a remark."""
        if isinstance(row, str):
            return (Cell(fit(f"  {row}", width), "dim"),)
        name, kind = self._widths(width)
        if not self.compared:
            return (
                self._mark_cell(row),
                self._name_cell(row, name, ""),
                Cell(" "),
                Cell(fit(type_name(row.type), kind), "dim"),
            )
        head = (
            self._mark_cell(row),
            Cell(row.status[0], "cloud" if row.status[0] == Mark.UNDECLARED else X_STYLES.get(row.x, "")),
            Cell(row.status[1], "cloud" if row.status[1] == Mark.UNDECLARED else Y_STYLES.get(row.y, "")),
            Cell(" "),
            self._name_cell(row, name, "" if not row.in_step else "dim"),
            Cell(" "),
        )
        if row.error and row.y is Y.UNREAD and reason_of(row) not in self.shared:
            return (*head, Cell(fit(plain(reason_of(row)), width - name - 6), "bad"), Cell(" "))
        return (
            *head,
            Cell(fit(type_name(row.type), kind), "dim"),
            Cell(fit(age(row.read_at, self.clock()), 5, right=True), "dim"),
        )

    def _mark_cell(self, row: ResourceDiff) -> Cell:
        own = row.service, row.logical_id
        return Cell(MARKED if own in self.marks else HOLDS_MARKED if own in self._holding else " ", "accent")

    def _name_cell(self, row: ResourceDiff, width: int, style: str) -> Cell:
        branch = self.components.branch((row.service, row.logical_id))
        label = f"{row.service}/{row.logical_id}" if self.with_service and not branch.depth else row.logical_id
        if self.components:
            sign = (FOLDED if branch.folded else OPEN) if branch.below else " "
            indent = "  " * branch.depth + f"{sign} "
            count = f"  {branch.below}" if branch.folded else ""
            room = max(4, width - cells(indent) - cells(count))
            label = indent + elide(plain(label), room) + count
            style = "dim" if self.components.only_around_hits((row.service, row.logical_id)) else style
        return Cell(fit(label, width, middle=True), style)
