"""Steps of a plan that fold: what lets people in or data out is always shown, the rest when its step is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stateroom.ui.screens.plan_lines import PlanColumns, PlanLines
from stateroom.ui.widgets.cells import Line
from stateroom.ui.widgets.text_list import TextFormat, TextLine

MANY: Final = 2_000
"""Lines above which all steps are not opened at once."""


class PlanFolds:
    """Lines of a plan as they are folded now. Empty until `lines` are set."""

    def __init__(self) -> None:
        self.lines: PlanLines | None = None
        self._open: set[str] = set()
        self._ids: list[str] = []  # step of each line; "" for lines of no step

    @property
    def has_columns(self) -> bool:
        """Whether there are changes, which stand in columns."""
        return self.lines is not None and self.lines.has_changes

    @property
    def can_fold(self) -> bool:
        """Whether any step has something to fold."""
        return self.lines is not None and self.lines.folds

    def write(self, width: int) -> Iterator[TextLine]:
        """Yield all lines for a width."""
        self._ids = []
        for id_, line in self.lines.write(width, self._open) if self.lines else ():
            self._ids.append(id_)
            yield line

    def toggle(self, row: int, width: int) -> tuple[slice, list[TextLine]] | None:
        """Open or fold the step of a line, of a line above all steps the first; return which lines become which others.

        None: there is no step.
        """
        id_ = next(filter(None, self._ids[row:]), "")
        if self.lines is None or not id_:
            return None
        self._open ^= {id_}
        written = list(self.lines.step(self.lines.steps[id_], width, unfolded=id_ in self._open))
        start = self._ids.index(id_)
        lines = slice(start, start + self._ids.count(id_))
        self._ids[lines] = [id_] * len(written)
        return lines, written

    def toggle_all(self, in_view: slice) -> None:
        """Open all steps, or fold all when any is open; of very many, open those in view."""
        every = self._ids if len(self._ids) <= MANY else self._ids[in_view]
        self._open = set() if self._open else set(every) - {""}

    def steps_after(self, row: int) -> int:
        """How many steps have all of their lines at or after a line."""
        return len(set(self._ids[row:]) - set(self._ids[:row]) - {""})


class PlanFormat(TextFormat):
    """Lines of a plan under the names of the columns."""

    def __init__(self, folds: PlanFolds) -> None:
        self._folds = folds

    @property
    def heading_lines(self) -> int:  # type: ignore[override]  # a plan without changes has no columns
        """Count the lines of the heading."""
        return 1 if self._folds.has_columns else 0

    def heading(self, width: int) -> Line:
        """Name the columns."""
        lines = self._folds.lines
        return PlanColumns.within(width).heading(lines.plan.operation) if lines else ()
