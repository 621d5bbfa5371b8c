"""Resources: two letters of status, name, type and how old the reading is; components as a tree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, TypeAlias

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from stateroom.model.diff import ResourceDiff, X, Y
from stateroom.presentation.text import cells, elide, plain
from stateroom.presentation.values import age, type_name
from stateroom.ui.deck.model import Address
from stateroom.ui.deck.selection.component_tree import ComponentTree
from stateroom.ui.deck.selection.filters import ResourceFilter
from stateroom.ui.deck.selection.marks import MarkingList
from stateroom.ui.looks.ascii_glyphs import FOLDED, HOLDS_MARKED, MARKED, OPEN
from stateroom.ui.widgets.cells import Cell, Line, fit, share

Remark: TypeAlias = str
"""A line that stands over the resources or in their place: an error, or that there are none."""

X_STYLES = {X.CHANGED: "config", X.NEW: "config", X.GONE: "config", X.UNKNOWN: "dim"}
Y_STYLES = {Y.DRIFT: "cloud", Y.MISSING: "bad", Y.UNREAD: "dim", Y.NONE: "dim"}


class ResourcesPane(MarkingList[ResourceDiff | Remark]):
    """The chosen service's resources that pass the filter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(True)", "Fold, or to the component", show=False),
        Binding("right", "fold(False)", "Open", show=False),
    ]

    class Folded(Message):
        """A component was folded or opened."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="resources")
        self.clock = clock
        self.components = ComponentTree()
        self.compared = True  # False: there is nothing to compare states with, so there are no letters and no readings
        self.total = 0
        self.filter_text = ""
        self.with_service = False
        self._holding: set[Address] = set()  # components with marked parts

    def rows_for(self, diffs: Sequence[ResourceDiff], keep: ResourceFilter) -> list[ResourceDiff]:
        """The rows for these resources: those that pass the filter, as a tree if they have components."""
        self.total, self.filter_text = len(diffs), keep.text
        return self.components.arrange(diffs, keep)

    def reload(self, rows: Sequence[ResourceDiff], messages: Sequence[Remark]) -> None:
        """Show other rows, under messages if there are any."""
        self.show([*messages, *rows])

    def key(self, row: ResourceDiff | Remark) -> Address | Remark:
        """The address."""
        return row if isinstance(row, str) else (row.service, row.logical_id)

    def selectable(self, row: ResourceDiff | Remark) -> bool:
        """Messages are only read."""
        return not isinstance(row, str)

    def markable(self, row: ResourceDiff | Remark) -> bool:
        """What stands there only for one of its parts was not asked for."""
        return isinstance(row, ResourceDiff) and not self.components.in_passing((row.service, row.logical_id))

    def marks_of(self, row: ResourceDiff | Remark) -> Iterable[Hashable]:
        """A component is marked with all its parts, or while a filter is on alone: it may hide some of them."""
        own = self.key(row)
        parts = self.components.below(own) if isinstance(own, tuple) and not self.filter_text else ()
        return (own, *parts)

    def repaint(self) -> None:
        """Components show that some of their parts are marked."""
        self._holding = self.components.holding([key for key in self.marked if isinstance(key, tuple)])
        super().repaint()

    @property
    def resource(self) -> ResourceDiff | None:
        """The resource under the cursor."""
        return self.current if isinstance(self.current, ResourceDiff) else None

    def next_difference(self, step: int) -> bool:
        """To the nearest resource below or above that is not in step; False when there is none."""
        index = self.cursor + step
        while 0 <= index < len(self.rows):
            row = self.rows[index]
            if isinstance(row, ResourceDiff) and not row.in_step and (row.y is not Y.UNREAD or row.x is not X.SAME):
                self.move_to(index)
                return True
            index += step
        return False

    @property
    def at_rest(self) -> bool:
        """Whether the cursor is where it was put at the start, and nothing is marked."""
        return not self.marked and not any(map(self.selectable, self.rows[: self.cursor]))

    def to_first_difference(self) -> None:
        """Put the cursor on the first resource that is not in step, if there is one."""
        if self.resource is not None and self.resource.in_step:
            self.next_difference(1)

    def action_fold(self, folded: bool) -> None:
        """Fold or open the component under the cursor. Else: to its own component, or the pane beside."""
        resource = self.resource
        own = (resource.service, resource.logical_id) if resource else ("", "")
        above = next(self.components.above(own), None)
        if self.components.fold(own, folded=folded):
            self.post_message(self.Folded())
        elif folded and above:
            self.go_to(above)
        else:
            raise SkipAction  # the deck goes to the pane before or after

    def toggle_fold(self) -> None:
        """Fold or open the component under the cursor, or the one that this is a part of."""
        if self.resource is None:
            return
        own = self.resource.service, self.resource.logical_id
        if not self.components.branch(own).below:
            own = next(self.components.above(own), own)
            self.go_to(own)
        self.components.fold(own, folded=not self.components.branch(own).folded)
        self.post_message(self.Folded())

    def fold_all(self) -> None:
        """Fold all components, or open all when they are folded; the cursor goes to what holds its resource."""
        resource = self.resource
        if self.components.fold_all() and resource is not None:
            *_, outermost = (
                (resource.service, resource.logical_id),
                *self.components.above((resource.service, resource.logical_id)),
            )
            self.go_to(outermost)
        self.post_message(self.Folded())

    def go_to(self, address: Address) -> None:
        """Put the cursor on a resource."""
        self.move_to(next((index for index, row in enumerate(self.rows) if self.key(row) == address), self.cursor))

    def _widths(self, width: int) -> tuple[int, ...]:
        if not self.compared:
            return share(width - 3, (24, 60, 2), (14, 48, 1))
        kind = (26, 26, 0) if width > 80 else (12, 26, 1) if width > 44 else (0, 0, 0)
        return share(width - 11, (16, 60, 4), kind)

    def heading(self, width: int) -> Line:
        """The pane's name with counts and filter, and the columns' names."""
        count = f"{self.components.hits} of {self.total}" if self.filter_text else str(self.total)
        marks = f" · {len(self.marked)} marked" if self.marked else ""
        text = f" Resources {count}{marks}" + (f"  /{self.filter_text}" if self.filter_text else "")
        name, kind = self._widths(width)
        if not self.compared:
            return (Cell(fit(text, width - kind - 1)), Cell(fit("type", kind)), Cell(" "))
        if len(text) > name + 4:
            return (Cell(fit(text, width - 6)), Cell(fit("read", 5, right=True)), Cell(" "))
        return (
            Cell(fit(text, name + 5)),
            Cell(fit("type", kind)),
            Cell(fit("read", 5, right=True)),
        )

    def line(self, row: ResourceDiff | Remark, width: int) -> Line:
        """One resource."""
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
        name_cell = self._name_cell(row, name, "" if not row.in_step else "dim")
        head = (
            self._mark_cell(row),
            Cell(row.x.value, X_STYLES.get(row.x, "")),
            Cell(row.y.value, Y_STYLES.get(row.y, "")),
            Cell(" "),
            name_cell,
            Cell(" "),
        )
        if row.error and row.y is Y.UNREAD:
            reason = row.error.partition(": ")[2] or row.error  # which resource it is, the line says already
            return (*head, Cell(fit(plain(reason), width - name - 6), "bad"), Cell(" "))
        return (
            *head,
            Cell(fit(type_name(row.type), kind), "dim"),
            Cell(fit(age(row.read_at, self.clock()), 5, right=True), "dim"),
        )

    def _mark_cell(self, row: ResourceDiff) -> Cell:
        own = row.service, row.logical_id
        return Cell(MARKED if own in self.marked else HOLDS_MARKED if own in self._holding else " ", "accent")

    def _name_cell(self, row: ResourceDiff, width: int, style: str) -> Cell:
        branch = self.components.branch((row.service, row.logical_id))
        label = f"{row.service}/{row.logical_id}" if self.with_service and not branch.depth else row.logical_id
        if self.components:
            sign = (FOLDED if branch.folded else OPEN) if branch.below else " "
            indent = "  " * branch.depth + f"{sign} "
            count = f"  {branch.below}" if branch.folded else ""
            room = max(4, width - cells(indent) - cells(count))
            label = indent + elide(plain(label), room) + count
            style = "dim" if self.components.in_passing((row.service, row.logical_id)) else style
        return Cell(fit(label, width, middle=True), style)
