"""The deck's news: what threads have put into the mailbox, taken in a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from textual import on

from stateroom.engine.requests import Cockpit, Outcome
from stateroom.model.events import Event, ServiceWorking
from stateroom.ui.deck.survey.survey_controller import DeckSurvey
from stateroom.ui.screens.plan import PlanScreen
from stateroom.ui.screens.version import VersionScreen
from stateroom.ui.workers.engine_events import (
    Answered,
    ChangesCounted,
    EngineEvent,
    ErrorLines,
    EventsWaiting,
    Happened,
    KeepWanted,
    Opened,
    OpenFailed,
    OperationOver,
    PassphraseWanted,
    Planned,
    SnapshotsRead,
    Surveyed,
    SurveyOver,
    Unlocked,
    VersionsRead,
)
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt
from stateroom.ui.workers.reset_client import ResettableHome

BATCH_SECONDS = 0.1


class DeckNews(DeckSurvey):
    """Takes the mail in, and tells how plans and operations came out."""

    def __init__(
        self,
        factory: Callable[[], Cockpit],
        keys: Mapping[str, str],
        clock: Callable[[], datetime],
        *,
        read_only: bool = False,
        prompt: PassphrasePrompt | None = None,
        home: Callable[[], ResettableHome] | None = None,
    ) -> None:
        super().__init__(factory, keys, clock, read_only=read_only, prompt=prompt, home=home)
        self.ticket = 0
        self.plan_screen: PlanScreen | None = None
        self.leaving = False
        self._drained = 0.0
        self._waiting = False

    @property
    def settled(self) -> bool:
        """Nothing is going on and nothing waits to be shown."""
        return self.session.began and not self.session.busy and self.mailbox.empty and not self._waiting

    @on(EventsWaiting)
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
        takers = self._takers()
        for item in self.mailbox.take():
            takers[type(item)](item)
        self.board.recount(self.touched)
        self.touched.clear()
        self.reload()

    def _takers(self) -> dict[type[EngineEvent], Callable[[Any], object]]:
        return {
            Opened: self._opened,
            OpenFailed: lambda item: self._open_failed(item.error),
            PassphraseWanted: self._passphrase_wanted,
            KeepWanted: self._keep_wanted,
            Surveyed: self._surveyed,
            SurveyOver: self._survey_over,
            VersionsRead: self._versions_read,
            ChangesCounted: self._versions_read,
            SnapshotsRead: self._snapshots_read,
            Planned: self._planned,
            Happened: lambda item: self._happened(item.event),
            OperationOver: lambda item: self._operation_over(item.outcome, item.error),
            Unlocked: self._unlocked,
            Answered: lambda item: item.then(item.value, item.error),
        }

    def _happened(self, event: Event) -> None:
        self.progress.apply(event, time.monotonic())
        if isinstance(event, ServiceWorking) and self.plan_screen is not None:
            self.plan_screen.tell(f"{event.service}: {event.text}")

    def _snapshots_read(self, item: SnapshotsRead) -> None:
        screen = self.app.screen
        if not isinstance(screen, VersionScreen) or (screen.service, screen.version.name) != item.asked:
            return  # the user has left it
        if item.error:
            screen.fail(item.error)
        else:
            screen.show_states(item.then, item.now)

    def _planned(self, item: Planned) -> None:
        screen = self.plan_screen
        if item.ticket != self.ticket or screen is None:
            return  # the user has cancelled this one
        if item.plan is not None:
            screen.show_plan(item.plan)
        else:
            screen.fail(item.error)

    def _operation_over(self, outcome: Outcome | None, error: ErrorLines) -> None:
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
