"""The deck's news: what threads have put into the mailbox, taken in a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from textual import on

from stateroom.engine.requests import Cockpit, Outcome
from stateroom.model.events import ResourcesRead, ServiceUnreadable
from stateroom.ui.commands import Pane
from stateroom.ui.mailbox import Mailbox
from stateroom.ui.messages import (
    Happened,
    Lines,
    News,
    Opened,
    OpenFailed,
    OperationOver,
    Planned,
    Ring,
    Surveyed,
    SurveyOver,
    Unlocked,
    VersionsRead,
)
from stateroom.ui.screens.deck_view import DeckView
from stateroom.ui.screens.plan import PlanScreen
from stateroom.ui.screens.problem import ProblemScreen
from stateroom.ui.session import Session

BATCH_SECONDS = 0.1


class DeckNews(DeckView):
    """Puts news on the board and the board on the screen."""

    def __init__(
        self,
        factory: Callable[[], Cockpit],
        keys: Mapping[str, str],
        clock: Callable[[], datetime],
        *,
        read_only: bool = False,
    ) -> None:
        super().__init__(keys, clock)
        self.forced_read_only = self.read_only = read_only
        self.mailbox: Mailbox[News] = Mailbox(lambda: self.post_message(Ring()))
        self.session = Session(factory, self.mailbox)
        self.ticket = 0
        self.plan_screen: PlanScreen | None = None
        self.leaving = False
        self._drained = 0.0
        self._waiting = False

    def on_mount(self) -> None:
        """Paint first, open then."""
        self.call_after_refresh(self.session.open)

    @property
    def settled(self) -> bool:
        """Nothing is going on and nothing waits to be shown."""
        return self.session.began and not self.session.busy and self.mailbox.empty and not self._waiting

    @on(Ring)
    def _ring(self) -> None:
        wait = self._drained + BATCH_SECONDS - time.monotonic()
        if self._waiting:
            return
        if wait > 0:
            self._waiting = True
            self.set_timer(wait, self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        self._waiting = False
        self._drained = time.monotonic()
        touched: set[str] = set()
        for item in self.mailbox.take():
            self._take(item, touched)
        self.board.recount(touched)
        self.reload()

    def _take(self, item: News, touched: set[str]) -> None:
        match item:
            case Opened():
                self._opened(item)
            case OpenFailed():
                self.app.push_screen(ProblemScreen(item.error), self._retry)
            case Surveyed():
                self._surveyed(item, touched)
            case SurveyOver():
                self._survey_over(item)
            case VersionsRead():
                self._versions_read(item)
            case Planned():
                self._planned(item)
            case Happened():
                self.progress.apply(item.event, time.monotonic())
            case OperationOver():
                self._operation_over(item.outcome, item.error)
            case Unlocked():
                self._unlocked(item)

    def _opened(self, item: Opened) -> None:
        first = self.info is None
        self.read_only = self.forced_read_only or item.info.read_only
        self.info = replace(item.info, read_only=self.read_only)
        if not first:
            return
        self.board.open(item.info.services)
        for warning in item.info.warnings:
            self.progress.note(f"warning   {warning}", "conflict")
            self.notify(warning, severity="warning", markup=False)
        self.start_survey(keep_readings=False)

    def _retry(self, again: bool | None) -> None:
        if again:
            self.session.open()
        else:
            self.app.exit(1)

    def start_survey(self, *, keep_readings: bool) -> None:
        """Read everything: files and state show at once, the cloud as it answers."""
        self.session.survey(self.board.begin(keep_readings=keep_readings))
        self.session.read_versions(self.board.services)
        self.tell_title()

    def _surveyed(self, item: Surveyed, touched: set[str]) -> None:
        if not self.board.apply(item.generation, item.event, self.clock()):
            return
        if isinstance(item.event, ResourcesRead):
            touched.add(item.event.service)
        elif isinstance(item.event, ServiceUnreadable):
            self._log_error(f"{item.event.service}: ", item.event.error)

    def _survey_over(self, item: SurveyOver) -> None:
        if item.generation != self.board.generation:
            return
        self.board.end(item.generation)
        keys = ((name, diff) for name, board in self.board.services.items() for diff in board.diffs)
        self.resources.keep_marks(keys)
        if self.board.generation == 1:
            self.show_first_difference()
        if item.error:
            self._log_error("could not read everything: ", item.error)
            self.notify("\n".join(item.error), severity="error", markup=False)

    def show_first_difference(self) -> None:
        """Put the cursor where there is something to see, unless the user has already gone somewhere."""
        self.reload()
        untouched = self.pane is Pane.RESOURCES and self.resources.at_rest and not self.services.service
        if untouched and not self.filter and self.app.screen is self:
            self.resources.to_first_difference()

    def _versions_read(self, item: VersionsRead) -> None:
        service = self.board.services.get(item.service)
        if service is not None:
            service.lock = item.lock
            service.versions_error = item.error
            if not item.error:
                service.versions = item.versions

    def _planned(self, item: Planned) -> None:
        screen = self.plan_screen
        if item.ticket != self.ticket or screen is None:
            return  # the user has cancelled this one
        if item.plan is not None:
            screen.show_plan(item.plan)
        else:
            screen.fail(item.error)

    def _operation_over(self, outcome: Outcome | None, error: Lines) -> None:
        name, self.running = self.running, ""
        self.progress.end(time.monotonic())
        if self.leaving:
            self.app.exit(0)
            return
        if error:
            self._log_error("", error)
            self.notify("\n".join(error), title=f"{name} did not run", severity="error", markup=False)
        elif outcome is not None:
            self._tell_outcome(name, outcome)
        self.resources.clear_marks()
        self.start_survey(keep_readings=False)

    def _tell_outcome(self, name: str, outcome: Outcome) -> None:
        if outcome.ok:
            self.notify(f"{name} done, {outcome.done} steps", markup=False)
            return
        word = "stopped" if outcome.stopped else "failed in part"
        text = f"{outcome.done} done, {outcome.failed} failed, {outcome.skipped} skipped; the log below says more"
        self.notify(text, title=f"{name} {word}", severity="error", markup=False)

    def _unlocked(self, item: Unlocked) -> None:
        if item.error:
            self._log_error("", item.error)
            self.notify("\n".join(item.error), severity="error", markup=False)
        else:
            self.progress.note(f"unlocked  {item.service}: the lock was held by {item.lock}")
            self.notify(f"{item.service} is unlocked", markup=False)
        self.session.read_versions((item.service,))

    def _log_error(self, before: str, error: Lines) -> None:
        for index, line in enumerate(error):
            self.progress.note(f"failed    {before}{line}" if index == 0 else f"          {line}", "bad")
