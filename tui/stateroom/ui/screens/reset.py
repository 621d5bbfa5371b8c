"""The guide through a reset: its steps on the left, on the right what is found and done, and a question in between.

The backup deletes nothing, so a key begins it. Before the first step that deletes, the account's number is typed. A
reset that was stopped goes on where it was when the guide is opened again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from stateroom.engine.guide import Phase, Progress, Stage
from stateroom.presentation.homes import no_way_back
from stateroom.presentation.text import plain
from stateroom.presentation.values import duration
from stateroom.ui.glyphs import BAR_EMPTY, BAR_FULL
from stateroom.ui.home_desk import HomeDesk
from stateroom.ui.messages import Lines
from stateroom.ui.screens.ask import AskScreen
from stateroom.ui.screens.dialog import Dialog, TypedName, paragraphs
from stateroom.ui.screens.reset_text import found_lines, guide_lines, log_lines, where_it_is
from stateroom.ui.widgets.text_list import TextList

if TYPE_CHECKING:
    from stateroom.engine.home_reset import Found

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


class ResetScreen(Dialog[bool]):
    """Dismissed with True when the home has been changed, so that what is open has to be opened again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", show=False),
        Binding("m", "repair", "Only what is missing", show=False),
    ]

    def __init__(self, desk: HomeDesk, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk, self._clock = desk, clock
        self.moment = Moment.LOOKING
        self._found: Found | None = None
        self._stages: tuple[Stage, ...] = ()
        self._log: list[tuple[str, str]] = []
        self._progress: Progress | None = None
        self._since = time.monotonic()
        self._changed = False

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

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#notice").display = False
        self.query_one("#found", TextList).focus()
        self.set_interval(1.0, self._tell_progress)
        self._look()

    @property
    def working(self) -> bool:
        """Whether steps are being carried out."""
        return self.moment in (Moment.WORKING, Moment.STOPPING)

    # What the user does.

    def action_go_on(self) -> None:
        """Begin, continue or look again, as the moment says."""
        if self.moment in (Moment.READY, Moment.RESUMABLE, Moment.BROKEN):
            self._work()
            self._desk.back_up(self._tell, self._saved)
        elif self.moment in (Moment.HALTED, Moment.REFUSED):
            self._look()

    def action_repair(self) -> None:
        """Only what is missing, after asking."""
        if self.moment is not Moment.BROKEN or self._found is None:
            return
        lines = [f"{part.kind} {part.name}: {part.problem}" for part in self._found.problems]
        ask = AskScreen("Put back what is missing?", (*lines, "Nothing else is touched."), yes="Put it back")
        self.app.push_screen(ask, self._repair_if)

    def action_leave(self) -> None:
        """Stop what runs; leave when nothing does."""
        if self.moment is Moment.WORKING:
            self._desk.stop()
            self._turn(Moment.STOPPING)
        elif self.moment is not Moment.STOPPING:
            self.dismiss(self._changed)

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        account = self._found.inventory.account if self._found else ""
        if not account or event.value.strip() != account:
            self._notice(f"That is not the account's number. It is {account}; esc leaves.")
            return
        self._agreed()

    # What comes back.

    def _look(self) -> None:
        self._drop_question()
        self._turn(Moment.LOOKING, "looking at what is there…")
        self._desk.look(self._looked)

    def _looked(self, found: Found | None, error: Lines) -> None:
        if not self.is_attached:
            return
        if found is None:
            self._halt(Moment.REFUSED, error)
            return
        self._found, self._stages = found, found.stages
        moment = Moment.RESUMABLE if found.inventory.resumed else Moment.BROKEN if found.problems else Moment.READY
        self._turn(Moment.NOTHING if found.inventory.empty else moment, where_it_is(found))
        self._show_found(found)

    def _show_found(self, found: Found) -> None:
        text = self.query_one("#found", TextList)
        text.write(lambda width: found_lines(found, self._clock(), width))
        text.scroll_home(animate=False)

    def _repair_if(self, agreed: bool | None) -> None:
        if agreed:
            self._work()
            self._desk.repair(lambda text, _: self._say(text), self._repaired)

    def _repaired(self, done: int | None, error: Lines) -> None:
        self._changed = True
        if done is None:
            self._halt(Moment.HALTED, error)
        else:
            self._turn(Moment.DONE, f"Done: {done} things were put back. Nothing else was touched.")

    def _saved(self, _: object, error: Lines) -> None:
        if error or self._found is None:
            self._halt(Moment.HALTED, error)
        elif self._found.agreed:
            self._agreed()
        else:
            self._ask(self._found)

    def _ask(self, found: Found) -> None:
        self._turn(Moment.ASKING, "Everything is saved, and nothing is removed yet.")
        self._show_found(found)
        account = found.inventory.account
        self._notice("\n".join((*no_way_back(found.inventory), f"Type the account's number, {account}, to go on.")))
        field = TypedName(account)
        self.query_one(".guide").mount(field, before=".keys")
        field.focus()

    def _agreed(self) -> None:
        self._drop_question()
        self._changed = True
        self._work()
        self._desk.replace(self._tell, self._replaced)

    def _replaced(self, _: object, error: Lines) -> None:
        if error:
            self._halt(Moment.HALTED, error)
            return
        directory = self._found.inventory.directory if self._found else ""
        self._turn(Moment.DONE, f"Done. The backup stays in {directory}; it may be deleted when all is well.")

    def _tell(self, progress: Progress, _: Lines) -> None:
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

    # Putting it on the screen.

    def _work(self) -> None:
        self._log.clear()
        self._turn(Moment.WORKING)
        self._say("")

    def _halt(self, moment: Moment, error: Lines) -> None:
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
            self.query_one("#summary", Label).update(self.said(plain(summary)))
        self.query_one(".keys", Label).update(self.said(moment.value))
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
        self.query_one("#progress", Label).update(self.said(self._how_far()) if self.working else "")

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
        notice.update(self.said("\n".join(plain(line) for line in text.split("\n"))))
        notice.display = True

    def _drop_question(self) -> None:
        self.query(Input).remove()
        self.query_one("#notice").display = False
        self.query_one("#found", TextList).focus()
