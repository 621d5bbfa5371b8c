"""Survey: opening the project, reading it, and putting what was read into the model."""

from __future__ import annotations

from dataclasses import replace

from stateroom.model.events import ResourcesRead, ServiceSurveyed, ServiceUnreadable, ServiceWorking
from stateroom.model.standing import Standing
from stateroom.presentation.events import event_line
from stateroom.presentation.survey.standing import standing_lines
from stateroom.ui.commands import Pane, display_key
from stateroom.ui.deck.dispatch import EventDispatcher
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.deck.selection.resource_selection import ResourceSelection
from stateroom.ui.deck.survey.home_reset_controller import HomeResetController
from stateroom.ui.deck.survey.trust_questions import TrustQuestions
from stateroom.ui.screens.problem_screen import ProblemScreen, names_repair
from stateroom.ui.workers.engine_events import ChangesCounted, Opened, OpenFailed, Surveyed, SurveyOver, VersionsRead


class SurveyController:
    """Requests to open and to read the project, and handlers of the answers."""

    def __init__(
        self,
        parts: DeckParts,
        selection: ResourceSelection,
        home_reset: HomeResetController,
        trust: TrustQuestions,
    ) -> None:
        self._model, self._engine, self._progress = parts.model, parts.engine, parts.progress
        self._panes, self._view, self._keys, self._clock = parts.panes, parts.view, parts.keys, parts.clock
        self._selection, self._home_reset, self._trust = selection, home_reset, trust
        self._forced_read_only = self._model.read_only
        self._touched: set[str] = set()  # services with new readings, to be counted again
        self._told: dict[str, Standing | None] = {}
        self._seen = False  # a survey has come to its end

    def subscribe(self, dispatcher: EventDispatcher) -> None:
        """Handle the events of opening and reading."""
        dispatcher.on(Opened, self._opened)
        dispatcher.on(OpenFailed, self._open_failed)
        dispatcher.on(Surveyed, self._surveyed)
        dispatcher.on(SurveyOver, self._survey_over)
        dispatcher.on(VersionsRead, self._versions_read)
        dispatcher.on(ChangesCounted, self._changes_counted)

    # Opening.

    def _opened(self, event: Opened) -> None:
        model, info = self._model, event.info
        first = model.info is None
        model.read_only = self._forced_read_only or info.read_only
        model.info = replace(info, read_only=model.read_only)
        model.compared = self._panes.resources.table.compared = not info.deployer
        self._panes.diff.table.deployer = info.deployer
        if first:
            self._home_reset.ask_refusal()
            model.open(info.services, info.differing)
            for warning in info.warnings:
                self._progress.note(f"warning   {warning}", "conflict")
                self._view.say(warning, severity="warning")
            self.start(keep_readings=False)

    def _open_failed(self, event: OpenFailed) -> None:
        self._home_reset.ask_refusal()
        repairable = self._home_reset.available and not self._model.read_only and names_repair(event.error)
        repair = display_key(self._keys["reset"]) if repairable else ""
        self._view.app.push_screen(ProblemScreen(event.error, repair=repair), self._problem_answered)

    def _problem_answered(self, answer: str | None) -> None:
        if answer == "retry":
            self._engine.open()
        elif answer == "reset":
            self._home_reset.open_guide()
        else:
            self._view.app.exit(1)

    # Reading.

    def start(self, *, keep_readings: bool, fresh: bool = False) -> None:
        """Read everything: files and state show at once, the cloud as it answers."""
        self._engine.survey(self._model.begin(keep_readings=keep_readings), fresh=fresh)
        self._engine.read_versions(self._model.services)
        self._view.show_title()

    def reread(self) -> None:
        """Read everything again; old readings stay until the new ones come."""
        self._engine.prompt.allow()
        self.start(keep_readings=True, fresh=True)

    def _surveyed(self, event: Surveyed) -> None:
        if not self._model.apply(event.generation, event.event, self._clock()):
            return
        if isinstance(event.event, ResourcesRead):
            self._touched.add(event.event.service)
        elif isinstance(event.event, ServiceSurveyed):
            self._note_standing(event.event)
        elif isinstance(event.event, ServiceWorking):
            self._progress.note(event_line(event.event) or "", "dim")
        elif isinstance(event.event, ServiceUnreadable):
            self._progress.note_error(event.event.error, f"{event.event.service}: ")

    def _note_standing(self, event: ServiceSurveyed) -> None:
        """Put what is to be known about a service into the log, in full, once for as long as it stays so."""
        if event.standing != self._told.get(event.service):
            self._told[event.service] = event.standing
            for line in standing_lines(event.standing, self._clock()) if event.standing else ():
                self._progress.note(f"{event.service}: {line}", "conflict")

    def count_touched(self) -> None:
        """Count the statuses of services with new readings, once for a batch of events."""
        self._model.recount(self._touched)
        self._touched.clear()

    def _survey_over(self, event: SurveyOver) -> None:
        if event.generation != self._model.generation:
            return
        self._model.end(event.generation)
        self._selection.keep_marks()
        if not self._seen:
            self._seen = True
            self._show_first_difference()
        self._trust.ask_once(self.reread)
        if event.error:
            self._progress.note_error(event.error, "could not read everything: ")
            self._view.say("\n".join(event.error), severity="error")

    def _show_first_difference(self) -> None:
        """Put the cursor on the first difference, unless the user has already gone somewhere."""
        self._view.reload()
        panes = self._panes
        untouched = panes.focused is Pane.RESOURCES and panes.resources.at_rest and not panes.services.moved
        if untouched and not panes.resources.table.filter and self._view.on_top:
            panes.resources.to_first_difference()

    # Versions.

    def _versions_read(self, event: VersionsRead) -> None:
        service = self._model.services.get(event.service)
        if service is None:
            return
        service.lock = event.lock
        service.reading = False
        service.versions_error = event.error
        if not event.error:
            service.history = event.history

    def _changes_counted(self, event: ChangesCounted) -> None:
        service = self._model.services.get(event.service)
        if service is not None:
            service.replace_version(event.version)

    def read_under_cursor(self) -> None:
        """Read on where the cursor is: older versions at the end of the list, and what one changed."""
        pane, service = self._panes.versions, self._model.services.get(self._panes.versions.service)
        if self._panes.focused is not Pane.VERSIONS or service is None or service.history is None:
            return
        if pane.at_the_end and not service.reading:
            service.reading = True
            self._engine.read_versions((service.name,), 4 * len(service.history.versions))
        if pane.version:
            self._engine.count_changes(service.name, pane.version)
