"""Screen of the reset guide: steps on the left, findings and log on the right, a question, the keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from stateroom.presentation.text import plain
from stateroom.ui.screens.ask_screen import AskScreen
from stateroom.ui.screens.dialog import Dialog, TypedName, paragraphs
from stateroom.ui.screens.reset.reset_guide import Moment, ResetGuide
from stateroom.ui.screens.reset.reset_text import found_lines, guide_lines, log_lines, progress_line
from stateroom.ui.widgets.text_list import TextList
from stateroom.ui.workers.engine_events import ErrorLines
from stateroom.ui.workers.reset_client import ResetClient

if TYPE_CHECKING:
    from stateroom.engine.reset.guided_reset import Found


class ResetScreen(Dialog[bool]):
    """Dismissed with True when the home has been changed, so that what is open has to be opened again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", show=False),
        Binding("m", "repair", "Only what is missing", show=False),
    ]

    def __init__(self, client: ResetClient, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.guide = ResetGuide(client, self)
        self._clock = clock

    def compose(self) -> ComposeResult:
        """Compose title, the two columns, progress, question and keys."""
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
        """Look at the home at once."""
        self.query_one("#notice").display = False
        self._findings.focus()
        self.set_interval(1.0, self._show_progress)
        self.guide.look()

    # What the user does.

    def action_go_on(self) -> None:
        """Begin, continue or look again, as the moment says."""
        self.guide.go_on()

    def action_repair(self) -> None:
        """Put back only what is missing, after asking."""
        found = self.guide.found
        if self.guide.moment is not Moment.BROKEN or found is None:
            return
        lines = [f"{part.kind} {part.name}: {part.problem}" for part in found.problems]
        question = AskScreen("Put back what is missing?", (*lines, "Nothing else is touched."), yes="Put it back")
        self.app.push_screen(question, lambda agreed: self.guide.repair() if agreed else None)

    def action_leave(self) -> None:
        """Stop what runs; leave when nothing does."""
        if not self.guide.stop():
            self.dismiss(self.guide.changed)

    @on(Input.Submitted, "#typed")
    def _account_typed(self, event: Input.Submitted) -> None:
        account = self.guide.found.inventory.account if self.guide.found else ""
        if account and event.value.strip() == account:
            self.guide.agree()
        else:
            self._notice(f"That is not the account's number. It is {account}; esc leaves.")

    # What the guide asks: the GuideView.

    @property
    def _findings(self) -> TextList:
        return self.query_one("#found", TextList)

    def show_moment(self, summary: str = "") -> None:
        """Show the steps, the progress and the keys of the moment; a summary if it has changed."""
        if summary:
            self.query_one("#summary", Label).update(plain(summary))
        self.query_one(".keys", Label).update(self.guide.moment.value)
        stages = self.guide.stages
        self.query_one("#steps", TextList).write(lambda width: guide_lines(stages, width))
        self._show_progress()

    def _show_progress(self) -> None:
        guide = self.guide
        text = progress_line(guide.progress, time.monotonic() - guide.since) if guide.working else ""
        self.query_one("#progress", Label).update(text)

    def show_found(self, found: Found) -> None:
        """Show the inventory."""
        self._findings.write(lambda width: found_lines(found, self._clock(), width))
        self._findings.scroll_home(animate=False)

    def show_error(self, error: ErrorLines) -> None:
        """Show an error in place of the inventory."""
        self._findings.write(paragraphs(error, "bad"))

    def show_log(self) -> None:
        """Show the end of the log in place of the inventory."""
        log = tuple(self.guide.log)
        self._findings.write(lambda width: log_lines(log, width))
        self._findings.scroll_end(animate=False)

    def ask_account(self, account: str, question: ErrorLines) -> None:
        """Ask for the number of the account."""
        self._notice("\n".join(question))
        field = TypedName(account)
        self.query_one(".guide").mount(field, before=".keys")
        field.focus()

    def drop_question(self) -> None:
        """Take the question away."""
        self.query(Input).remove()
        self.query_one("#notice").display = False
        self._findings.focus()

    def _notice(self, text: str) -> None:
        notice = self.query_one("#notice", Label)
        notice.update("\n".join(plain(line) for line in text.split("\n")))
        notice.display = True
