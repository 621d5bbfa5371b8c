"""What the reset guide looks like: its steps beside a text, how far it is, a question, and the keys."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from stateroom.engine.guide import Phase, Progress, Stage
from stateroom.presentation.text import plain
from stateroom.presentation.values import duration
from stateroom.ui.looks.ascii_glyphs import BAR_EMPTY, BAR_FULL
from stateroom.ui.screens.dialog import Dialog, paragraphs
from stateroom.ui.screens.reset.reset_text import guide_lines, log_lines
from stateroom.ui.widgets.text_list import TextList
from stateroom.ui.workers.engine_events import ErrorLines

_BAR = 16


class Moment(Enum):
    """Where the guide is; the value says which keys do something."""

    LOOKING = "looking   esc leaves"
    REFUSED = "enter looks again   esc leaves"
    READY = "enter begins with the backup   esc leaves"
    RESUMABLE = "enter goes on with it   esc leaves it as it is"
    BROKEN = "m puts back only what is missing   enter begins with the backup   esc leaves"
    NOTHING = "esc leaves"
    WORKING = "esc stops at the next safe point"
    STOPPING = "it stops at the next safe point"
    ASKING = "esc leaves: what is saved stays saved, and nothing is removed"
    HALTED = "enter looks again and goes on   esc leaves: R goes on later"
    DONE = "esc closes"


class ResetView(Dialog[bool]):
    """The guide without what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = Moment.LOOKING
        self._stages: tuple[Stage, ...] = ()
        self._log: list[tuple[str, str]] = []
        self._progress: Progress | None = None
        self._since = time.monotonic()

    def compose(self) -> ComposeResult:
        """Title, the two columns, how far it is, the question, and the keys."""
        with Vertical(classes="guide"):
            yield Label("Reset of the bootstrap", classes="title")
            yield Label("", id="summary", markup=False)
            with Horizontal(id="columns"):
                yield TextList(id="steps")
                yield TextList(id="found")
            yield Label("", id="progress", markup=False)
            yield Label("", id="notice", markup=False)
            yield Label("", classes="keys", markup=False)

    @property
    def working(self) -> bool:
        """Whether steps are being carried out."""
        return self.moment in (Moment.WORKING, Moment.STOPPING)

    def _tell(self, progress: Progress, _: ErrorLines) -> None:
        stage = progress.stage
        before = next((old for old in self._stages if old.step is stage.step), None)
        if before is not None and before.phase is not stage.phase:
            self._since = time.monotonic()
            if stage.phase is Phase.RUNNING:
                self._say(f"{stage}: {stage.step.explanation}", "strong")
        self._stages = tuple(stage if old.step is stage.step else old for old in self._stages)
        self._progress = progress if stage.phase is Phase.RUNNING else None
        if progress.text:
            self._say(f"  {progress.text}")
        self._show_steps()
        self._tell_progress()

    def _work(self) -> None:
        self._log.clear()
        self._turn(Moment.WORKING)
        self._say("")

    def _halt(self, moment: Moment, error: ErrorLines) -> None:
        self._stages = tuple(
            replace(stage, phase=Phase.WAITING) if stage.phase is Phase.RUNNING else stage for stage in self._stages
        )
        self._turn(moment, "It did not get to the end:" if moment is Moment.HALTED else "This home cannot be reset:")
        if moment is Moment.HALTED and self._log:
            for line in error:
                self._say(line, "bad")
        else:
            self.query_one("#found", TextList).write(paragraphs(error, "bad"))

    def _turn(self, moment: Moment, summary: str = "") -> None:
        self.moment = moment
        self._progress = None if moment not in (Moment.WORKING, Moment.STOPPING) else self._progress
        if summary:
            self.query_one("#summary", Label).update(plain(summary))
        self.query_one(".keys", Label).update(moment.value)
        self._show_steps()
        self._tell_progress()

    def _show_steps(self) -> None:
        stages = self._stages
        self.query_one("#steps", TextList).write(lambda width: guide_lines(stages, width))

    def _say(self, text: str, style: str = "") -> None:
        if text:
            self._log.append((text, style))
        log = tuple(self._log)
        found = self.query_one("#found", TextList)
        found.write(lambda width: log_lines(log, width))
        found.scroll_end(animate=False)

    def _tell_progress(self) -> None:
        self.query_one("#progress", Label).update(self._how_far() if self.working else "")

    def _how_far(self) -> str:
        progress, spent = self._progress, duration(time.monotonic() - self._since)
        if progress is None:
            return f"working…  {spent}"
        if not progress.total:
            return f"{progress.stage}  {spent}"
        full = round(_BAR * progress.done / progress.total)
        bar = BAR_FULL * full + BAR_EMPTY * (_BAR - full)
        return f"{progress.stage}  {bar}  {progress.done:,} of {progress.total:,}  {spent}"

    def _notice(self, text: str) -> None:
        notice = self.query_one("#notice", Label)
        notice.update("\n".join(plain(line) for line in text.split("\n")))
        notice.display = True

    def _drop_question(self) -> None:
        self.query(Input).remove()
        self.query_one("#notice").display = False
        self.query_one("#found", TextList).focus()
