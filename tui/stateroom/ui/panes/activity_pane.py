"""Activity: the progress of the operation, the steps that run, and the log of what was done."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import NamedTuple

from stateroom.presentation.text import plain
from stateroom.presentation.values import duration
from stateroom.ui.deck.operations.operation_progress import OperationProgress
from stateroom.ui.looks.ascii_glyphs import BAR_EMPTY, BAR_FULL
from stateroom.ui.widgets.cells import Cell, Line, fit
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.row_format import RowFormat

BAR_WIDTH = 20


class LogLine(NamedTuple):
    """A line of the log, or a part of one that is too long."""

    number: int
    part: int
    text: str
    style: str


class LogRows(RowFormat[LogLine]):
    """Format of the log, under a bar. `monotonic` is the clock of the progress, in seconds."""

    def __init__(self, progress: OperationProgress, monotonic: Callable[[], float]) -> None:
        self.progress = progress
        self.monotonic = monotonic

    def key(self, row: LogLine) -> tuple[int, int]:
        """Return the number of the line and of its part."""
        return row.number, row.part

    def rows(self, width: int) -> list[LogLine]:
        """List the log and the running steps, wrapped to a width in columns."""
        log = list(enumerate(self.progress.log))
        running = [(-1 - n, (text, "accent")) for n, text in enumerate(self._running())]
        return [line for number, (text, style) in log + running for line in _wrapped(number, text, style, width)]

    def _running(self) -> list[str]:
        now, lines = self.monotonic(), []
        for step in self.progress.running.values():
            waits = f", {step.waits(now)}" if step.waiting else ""
            lines.append(f"{step.action:<9} {plain(step.label)}  ({duration(now - step.since)}{waits})")
        return lines

    def heading(self, width: int) -> Line:
        """Return the bar and the counts."""
        progress = self.progress
        if not progress.title:
            return (Cell(fit(" Activity", width)),)
        full = round(progress.fraction * BAR_WIDTH)
        style = "bad" if progress.failed else "good" if progress.finished is not None else "accent"
        head = progress.headline(self.monotonic())
        title = fit(f" {progress.title}", max(0, width - BAR_WIDTH - len(head) - 4), middle=True)
        bar = (Cell(BAR_FULL * full, style), Cell(BAR_EMPTY * (BAR_WIDTH - full), "dim"))
        return (Cell(title), Cell(" "), *bar, Cell(f" {head} "))

    def line(self, row: LogLine, width: int) -> Line:
        """Return the cells of one line."""
        return (Cell(fit(f" {row.text}", width), row.style),)


class ActivityPane(LineList[LogLine]):
    """The log, with running steps at its end. The cursor follows the end unless the user has moved it up."""

    def __init__(self, progress: OperationProgress, monotonic: Callable[[], float]) -> None:
        self.progress, self._table = progress, LogRows(progress, monotonic)
        super().__init__(self._table, id="activity")

    def reload(self) -> None:
        """Show the progress as it is now, wrapped to the width."""
        at_end = self.cursor >= len(self.rows) - 1
        self.show(self._table.rows(max(20, self.scrollable_content_region.width - 2)))
        if at_end and not (self.has_focus and not self.progress.active):
            self.move_to(len(self.rows) - 1)

    def on_resize(self) -> None:
        """Wrap the log again."""
        self.reload()

    def lines_of(self, index: int) -> tuple[int, ...]:
        """Shade the cursor's line only while the pane has the keys."""
        return (index,) if self.has_focus else ()


def _wrapped(number: int, text: str, style: str, width: int) -> list[LogLine]:
    parts = [text] if len(text) <= width else wrap(text, width, subsequent_indent=" " * 10, drop_whitespace=True)
    return [LogLine(number, part, line, style) for part, line in enumerate(parts)]
