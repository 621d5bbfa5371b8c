"""The deck's survey: opening the project, reading it, and asking for the passphrase that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from textual import on

from stateroom.engine.requests import Cockpit
from stateroom.model.events import ResourcesRead, ServiceUnreadable, ServiceWorking
from stateroom.presentation.events import event_line
from stateroom.ui.commands import Pane, display_key
from stateroom.ui.deck.pane_group import DeckView
from stateroom.ui.screens.ask import AskScreen
from stateroom.ui.screens.passphrase import KEEPING, PassphraseScreen
from stateroom.ui.screens.problem import ProblemScreen, names_repair
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.workers.engine_client import EngineClient
from stateroom.ui.workers.engine_events import (
    ChangesCounted,
    EngineEvent,
    ErrorLines,
    EventsWaiting,
    KeepWanted,
    Opened,
    PassphraseWanted,
    Surveyed,
    SurveyOver,
    VersionsRead,
)
from stateroom.ui.workers.event_queue import EventQueue
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt
from stateroom.ui.workers.reset_client import ResettableHome


class DeckSurvey(DeckView):
    """Puts on the board what a survey reads."""

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
        super().__init__(keys, clock)
        self.forced_read_only = self.read_only = read_only
        self.mailbox: EventQueue[EngineEvent] = EventQueue(lambda: self.post_message(EventsWaiting()))
        self.session = EngineClient(factory, self.mailbox, prompt)
        self.home_desk = self.session.desk(home) if home else None
        self.reset_refusal = None if home else "there is no home to reset here"
        self.touched: set[str] = set()  # services with new readings, to be counted again
        self._seen = False  # a survey has come to its end

    def on_mount(self) -> None:
        """Paint first, open then."""
        self.call_after_refresh(self.session.open)

    def _open_failed(self, error: ErrorLines) -> None:
        self._ask_for_home()
        repair = (
            display_key(self.keys["reset"]) if self.home_desk and not self.read_only and names_repair(error) else ""
        )
        self.app.push_screen(ProblemScreen(error, repair=repair), self._retry)

    def _ask_for_home(self) -> None:
        if self.home_desk is not None and self.reset_refusal is None:
            self.home_desk.refusal(self._home_seen)

    def _home_seen(self, refusal: str | None, error: ErrorLines) -> None:
        self.reset_refusal = error[0] if refusal is None else refusal
        self.show_keys()

    def open_reset(self) -> None:
        """The guide, and everything opened afresh when it has changed something."""
        from stateroom.ui.screens.reset.reset_guide import ResetScreen  # rarely wanted: not at the start

        if self.home_desk is not None:
            self.app.push_screen(ResetScreen(self.home_desk, self.clock), self._reset_over)

    def _reset_over(self, changed: bool | None) -> None:
        if changed or self.info is None:  # without info there is nothing on the screen to go back to
            self.info = None
            self.session.open()

    def _opened(self, item: Opened) -> None:
        first = self.info is None
        self.read_only = self.forced_read_only or item.info.read_only
        self.info = replace(item.info, read_only=self.read_only)
        self.board.compared = self.resources.compared = not item.info.deployer
        self.diff.deployer = item.info.deployer
        if first:
            self._ask_for_home()
            self.board.open(item.info.services, item.info.differing)
            for warning in item.info.warnings:
                self.progress.note(f"warning   {warning}", "conflict")
                self.notify(warning, severity="warning", markup=False)
            self.start_survey(keep_readings=False)

    def _retry(self, answer: str | None) -> None:
        if answer == "retry":
            self.session.open()
        elif answer == "reset":
            self.open_reset()
        else:
            self.app.exit(1)

    def start_survey(self, *, keep_readings: bool, fresh: bool = False) -> None:
        """Read everything: files and state show at once, the cloud as it answers."""
        self.session.survey(self.board.begin(keep_readings=keep_readings), fresh=fresh)
        self.session.read_versions(self.board.services)
        self.tell_title()

    def _surveyed(self, item: Surveyed) -> None:
        if not self.board.apply(item.generation, item.event, self.clock()):
            return
        if isinstance(item.event, ResourcesRead):
            self.touched.add(item.event.service)
        elif isinstance(item.event, ServiceWorking):
            self.progress.note(event_line(item.event) or "", "dim")
        elif isinstance(item.event, ServiceUnreadable):
            self._log_error(f"{item.event.service}: ", item.event.error)

    def _survey_over(self, item: SurveyOver) -> None:
        if item.generation != self.board.generation:
            return
        self.board.end(item.generation)
        keys = ((name, diff) for name, board in self.board.services.items() for diff in board.diffs)
        self.resources.keep_marks(keys)
        if not self._seen:
            self._seen = True
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

    def _passphrase_wanted(self, item: PassphraseWanted) -> None:
        self.app.push_screen(PassphraseScreen(item.question), self.session.prompt.answer)

    def _keep_wanted(self, item: KeepWanted) -> None:
        def decided(agreed: bool | None) -> None:
            self.session.prompt.decide(bool(agreed))

        self.app.push_screen(AskScreen(f"Keep the passphrase of {item.place}?", KEEPING, yes="Keep it"), decided)

    def _versions_read(self, item: VersionsRead | ChangesCounted) -> None:
        service = self.board.services.get(item.service)
        if service is None:
            return
        if isinstance(item, ChangesCounted):
            service.take_in(item.version)
        else:
            service.lock = item.lock
            service.reading = False
            service.versions_error = item.error
            if not item.error:
                service.history = item.history

    @on(LineList.Moved, "#versions")
    def _version_chosen(self) -> None:
        """Read on where the cursor is: older versions at the end of the list, and what one changed."""
        pane, board = self.versions, self.board.services.get(self.versions.service)
        if self.pane is not Pane.VERSIONS or board is None or board.history is None:
            return
        if pane.at_the_end and not board.reading:
            board.reading = True
            self.session.read_versions((board.name,), 4 * len(board.history.versions))
        if pane.version:
            self.session.count_changes(board.name, pane.version)

    def _log_error(self, before: str, error: ErrorLines) -> None:
        for index, line in enumerate(error):
            self.progress.note(f"failed    {before}{line}" if index == 0 else f"          {line}", "bad")
