"""Resources: two letters of status, name, type and how old the reading is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from stateroom.model.diff import ResourceDiff, X, Y
from stateroom.presentation.text import plain
from stateroom.presentation.values import age, type_name
from stateroom.ui.board import Address
from stateroom.ui.glyphs import MARKED
from stateroom.ui.widgets.cells import Cell, Line, fit, share
from stateroom.ui.widgets.marking_list import MarkingList

Message: TypeAlias = str
"""A line that stands over the resources or in their place: an error, or that there are none."""

X_STYLES = {X.CHANGED: "config", X.NEW: "config", X.GONE: "config", X.UNKNOWN: "dim"}
Y_STYLES = {Y.DRIFT: "cloud", Y.MISSING: "bad", Y.UNREAD: "dim", Y.NONE: "dim"}


class ResourcesPane(MarkingList[ResourceDiff | Message]):
    """The chosen service's resources that pass the filter."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="resources")
        self.clock = clock
        self.total = 0
        self.shown = 0
        self.filter_text = ""
        self.with_service = False
        self.reading = ""  # how far the survey is, while one runs

    def reload(self, rows: Sequence[ResourceDiff], messages: Sequence[Message], total: int) -> None:
        """Show other resources, under messages if there are any."""
        self.total, self.shown = total, len(rows)
        self.show([*messages, *rows])

    def key(self, row: ResourceDiff | Message) -> Address | Message:
        """The address."""
        return row if isinstance(row, str) else (row.service, row.logical_id)

    def selectable(self, row: ResourceDiff | Message) -> bool:
        """Messages are only read."""
        return not isinstance(row, str)

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

    def _widths(self, width: int) -> tuple[int, ...]:
        kind = (26, 26, 0) if width > 80 else (12, 26, 1) if width > 44 else (0, 0, 0)
        return share(width - 11, (16, 60, 4), kind)

    def heading(self, width: int) -> Line:
        """The pane's name with counts and filter, and the columns' names."""
        count = f"{self.shown} of {self.total}" if self.filter_text else str(self.total)
        marks = f" · {len(self.marked)} marked" if self.marked else ""
        text = f" Resources {count}{marks}" + (f"  /{self.filter_text}" if self.filter_text else "")
        name, kind = self._widths(width)
        if len(text) > name + 4:
            return (Cell(fit(text, width - 6)), Cell(fit("read", 5, right=True)), Cell(" "))
        return (
            Cell(fit(text, name + 5)),
            Cell(fit("type", kind)),
            Cell(fit("read", 5, right=True)),
        )

    def line(self, row: ResourceDiff | Message, width: int) -> Line:
        """One resource."""
        if isinstance(row, str):
            return (Cell(fit(f"  {row}", width), "dim"),)
        name, kind = self._widths(width)
        label = f"{row.service}/{row.logical_id}" if self.with_service else row.logical_id
        name_cell = Cell(fit(label, name, middle=True), "" if not row.in_step else "dim")
        head = (
            Cell(MARKED if (row.service, row.logical_id) in self.marked else " ", "accent"),
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
