"""Resources: the chosen service's resources that pass the filter, as a list or as a tree of components."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from stateroom.model.diff import ResourceDiff, X, Y
from stateroom.ui.deck.deck_model import Address
from stateroom.ui.panes.resource_rows import Remark, ResourceRows
from stateroom.ui.widgets.line_list import LineList


class ResourcesPane(LineList[ResourceDiff | Remark]):
    """List of resources; left and right fold and open components."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(True)", "Fold, or to the component", show=False),
        Binding("right", "fold(False)", "Open", show=False),
    ]

    class Folded(Message):
        """A component was folded or opened."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.table = ResourceRows(clock)
        super().__init__(self.table, id="resources")

    def repaint(self) -> None:
        """Paint all lines again, with components that hold marked parts."""
        self.table.find_holders()
        super().repaint()

    @property
    def resource(self) -> ResourceDiff | None:
        """The resource under the cursor."""
        return self.current if isinstance(self.current, ResourceDiff) else None

    @property
    def address(self) -> Address | None:
        """The address of the resource under the cursor."""
        return (self.resource.service, self.resource.logical_id) if self.resource else None

    def next_difference(self, step: int) -> bool:
        """Move to the nearest resource below or above that is not in step; returns False when there is none."""
        for index in range(self.cursor + step, len(self.rows) if step > 0 else -1, step):
            if _differs(self.rows[index]):
                self.move_to(index)
                return True
        return False

    @property
    def at_rest(self) -> bool:
        """Whether nobody has moved the cursor or marked anything yet, wherever rows that came have taken it."""
        return not self.table.marks and not self.moved

    def to_first_difference(self) -> None:
        """Put the cursor on the first resource that is not in step, if there is one."""
        if self.resource is not None and self.resource.in_step:
            first = next((index for index, row in enumerate(self.rows) if _differs(row)), self.cursor)
            self.move_to(first)

    def action_fold(self, folded: bool) -> None:
        """Fold or open the component under the cursor; else go to its own component, or to the next pane."""
        components, own = self.table.components, self.address or ("", "")
        above = next(components.above(own), None)
        if components.fold(own, folded=folded):
            self.post_message(self.Folded())
        elif folded and above:
            self.go_to(above)
        else:
            raise SkipAction  # the deck goes to the pane before or after

    def go_to(self, address: Address) -> None:
        """Put the cursor on a resource."""
        rows = enumerate(self.rows)
        self.move_to(next((index for index, row in rows if self.table.key(row) == address), self.cursor))


def _differs(row: ResourceDiff | Remark) -> bool:
    """Tell whether a resource is known not to be in step."""
    return isinstance(row, ResourceDiff) and not row.in_step and (row.y is not Y.UNREAD or row.x is not X.SAME)
