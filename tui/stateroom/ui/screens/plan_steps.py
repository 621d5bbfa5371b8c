"""Steps of a plan on the screen: scrolled from anywhere; with the focus, a cursor that folds and unfolds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType

from stateroom.ui.screens.plan_lines import PlanColumns, PlanLines
from stateroom.ui.widgets.cells import Line
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.text_list import TextFormat, TextLine, TextList, Writer

MANY = 2_000
"""Lines above which all steps are not opened at once."""


class PlanFormat(TextFormat):
    """Lines of a plan under the names of the columns."""

    def __init__(self) -> None:
        self.lines: PlanLines | None = None

    @property
    def heading_lines(self) -> int:  # type: ignore[override]  # a plan without changes has no columns
        """Count the lines of the heading."""
        return 1 if self.lines is not None and self.lines.has_changes else 0

    def heading(self, width: int) -> Line:
        """Name the columns."""
        return PlanColumns.within(width).heading(self.lines.plan.operation) if self.lines else ()


class PlanSteps(TextList):
    """Steps of a plan, each folded to what lets people in or data out, until it is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "fold", "Fold", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._format = PlanFormat()
        self.row_format = self._format
        self._open: set[str] = set()
        self._ids: list[str] = []  # step of each line; "" for lines of no step

    def write(self, writer: Writer) -> None:
        """Show a text that is no plan."""
        self._format.lines = None
        self._ids = []
        super().write(writer)

    def write_plan(self, lines: PlanLines) -> None:
        """Show a plan."""
        super().write(self._write)
        self._format.lines = lines
        self.on_resize()

    def _write(self, width: int) -> Iterator[TextLine]:
        self._ids = []
        if self._format.lines is None:
            return
        for id_, line in self._format.lines.write(width, self._open):
            self._ids.append(id_)
            yield line

    @property
    def below(self) -> int:
        """How many lines are under the last one in view."""
        return max(0, len(self.rows) - self._last_in_view())

    @property
    def steps_below(self) -> int:
        """How many steps have no line in view yet, nor above it."""
        last = self._last_in_view()
        return len(set(self._ids[last:]) - set(self._ids[:last]) - {""})

    def _last_in_view(self) -> int:
        height = self.scrollable_content_region.height - self.row_format.heading_lines
        return self.scroll_offset.y + height

    @property
    def foot(self) -> str:
        """Line under the box: how much more there is to read, and the keys that open what is folded."""
        keys = "tab: steps, enter opens one, f all" if self._format.lines and self._format.lines.folds else ""
        return "  ·  ".join(filter(None, (super().foot, keys)))

    def fold_all(self) -> None:
        """Open all steps, or fold all when any is open; of very many, open those in view."""
        every = self._ids if len(self._ids) <= MANY else self._ids[self.scroll_offset.y : self._last_in_view()]
        self._open = set() if self._open else set(every) - {""}
        self.on_resize()

    def action_fold(self) -> None:
        """Open or fold the step under the cursor. Only its own lines are written anew."""
        lines, id_ = self._format.lines, self._ids[self.cursor] if self.cursor < len(self._ids) else ""
        if lines is None or not id_:
            return
        self._open ^= {id_}
        written = list(lines.step(lines.steps[id_], self.scrollable_content_region.width, unfolded=id_ in self._open))
        start, count = self._ids.index(id_), self._ids.count(id_)
        self._ids[start : start + count] = [id_] * len(written)
        self.cursor = start
        self.show([*self.rows[:start], *written, *self.rows[start + count :]])
        self.post_message(self.Viewed(self))

    def lines_of(self, index: int) -> tuple[int, ...]:
        """Shade the cursor's line while the list has the focus."""
        return (index,) if self.has_focus else ()

    def _keep_in_view(self) -> None:
        if self.has_focus:
            LineList._keep_in_view(self)

    def action_move(self, step: int) -> None:
        """Move the cursor; without the focus, scroll."""
        if self.has_focus:
            LineList.action_move(self, step)
        else:
            super().action_move(step)

    def action_page(self, step: int) -> None:
        """Move the cursor a page; without the focus, scroll."""
        if self.has_focus:
            LineList.action_page(self, step)
        else:
            super().action_page(step)
