"""Activity: how far the operation is, what runs now, and the log of what has been done."""

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

BAR_WIDTH = 20


class LogLine(NamedTuple):
    """A line of the log, or a part of one that is too long."""

    number: int
    part: int
    text: str
    style: str


class ActivityPane(LineList[LogLine]):
    """The log, with running steps at its end. It follows the end unless the user has gone up."""

    def __init__(self, progress: OperationProgress, monotonic: Callable[[], float]) -> None:
        super().__init__(id="activity")
        self.progress = progress
        self.monotonic = monotonic

    def key(self, row: LogLine) -> tuple[int, int]:
        """Its number, and which part of it."""
        return row.number, row.part

    def reload(self) -> None:
        """Show what the progress says now, wrapped to the width."""
        at_end = self.cursor >= len(self.rows) - 1
        log = list(enumerate(self.progress.log))
        running = [(-1 - n, (text, "accent")) for n, text in enumerate(self._step_lines(self.monotonic()))]
        width = max(20, self.scrollable_content_region.width - 2)
        self.show([line for number, (text, style) in log + running for line in _wrapped(number, text, style, width)])
        if at_end and not (self.has_focus and not self.progress.active):
            self.move_to(len(self.rows) - 1)

    def on_resize(self) -> None:
        """Wrap again."""
        self.reload()

    def _step_lines(self, now: float) -> list[str]:
        lines = []
        for step in self.progress.running.values():
            waits = f", {plain(step.waiting)}" if step.waiting else ""
            lines.append(f"{step.action:<9} {plain(step.label)}  ({duration(now - step.since)}{waits})")
        return lines

    def _lines_of(self, index: int) -> tuple[int, ...]:
        return (index,) if self.has_focus else ()

    def heading(self, width: int) -> Line:
        """The bar and the counts."""
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
        """One line."""
        return (Cell(fit(f" {row.text}", width), row.style),)


def _wrapped(number: int, text: str, style: str, width: int) -> list[LogLine]:
    parts = [text] if len(text) <= width else wrap(text, width, subsequent_indent=" " * 10, drop_whitespace=True)
    return [LogLine(number, part, line, style) for part, line in enumerate(parts)]
