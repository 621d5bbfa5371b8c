"""The main screen: panes, and the controllers that commands ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Input

from stateroom.engine.requests import Cockpit
from stateroom.ui.commands import COMMANDS, Pane, scope
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.deck_view import Severity
from stateroom.ui.deck.dispatch import EventDispatcher
from stateroom.ui.deck.operations.operation_controller import OperationController
from stateroom.ui.deck.operations.operation_progress import OperationProgress
from stateroom.ui.deck.pane_group import PaneGroup
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.deck.selection.clipboard import Clipboard
from stateroom.ui.deck.selection.resource_selection import ResourceSelection, filter_line
from stateroom.ui.deck.status_text import freshness, key_hints
from stateroom.ui.deck.survey.home_reset_controller import HomeResetController
from stateroom.ui.deck.survey.passphrase_questions import PassphraseQuestions
from stateroom.ui.deck.survey.survey_controller import SurveyController
from stateroom.ui.deck.view_actions import ViewActions
from stateroom.ui.looks.stylesheets import DECK_CSS, LINE_STYLES_CSS
from stateroom.ui.panes.resources_pane import ResourcesPane
from stateroom.ui.screens.ask_screen import AskScreen
from stateroom.ui.widgets.key_bar import KeyBar
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.painting import LINE_STYLES
from stateroom.ui.widgets.title_bar import TitleBar
from stateroom.ui.workers.engine_client import EngineClient
from stateroom.ui.workers.engine_events import EngineEvent, EventsWaiting
from stateroom.ui.workers.event_queue import EventQueue
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt
from stateroom.ui.workers.reset_client import ResetClient, ResettableHome

_BY_NAME = {command.name: command for command in COMMANDS}


class DeckScreen(Screen[None]):
    """Five panes between a title and a footer. It is the `Deck` of the commands and the `DeckView` of its controllers.

    Keys run commands, commands ask controllers, controllers ask the engine. The engine's events come back through the
    queue to the dispatcher, whose handlers change the model; then every pane is drawn from the model.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LINE_STYLES)
    CSS_PATH = [LINE_STYLES_CSS, DECK_CSS]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    AUTO_FOCUS = "#resources"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(command.key, f"command('{command.name}')", command.label, id=command.name, show=False)
            for command in COMMANDS
            if command.name != "stop"
        ),
        Binding("ctrl+c", "command('stop')", "stop", id="stop", show=False, priority=True),
        Binding("left", "pane(-1)", "Pane before", show=False),
        Binding("right", "pane(1)", "Next pane", show=False),
    ]

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
        super().__init__()
        self.keys, self.clock = keys, clock
        self.model = DeckModel(read_only=read_only)
        self.progress = OperationProgress()
        self.queue: EventQueue[EngineEvent] = EventQueue(lambda: self.post_message(EventsWaiting()))
        self.engine = EngineClient(factory, self.queue, prompt)
        self.panes = PaneGroup(self.model, self.progress, keys, clock, self.show_keys)
        self._title_bar, self._filter_line, self._key_bar = TitleBar(), filter_line(), KeyBar(id="keys")
        parts = DeckParts(self.model, self.engine, self.progress, self.panes, self, keys, clock)
        self.selection = ResourceSelection(parts, self._filter_line)
        self.clipboard = Clipboard(parts, self.selection)
        self.home_reset = HomeResetController(parts, ResetClient(home, self.engine.call, self.queue) if home else None)
        self.survey = SurveyController(parts, self.selection, self.home_reset)
        self.operations = OperationController(parts, self.selection, self.survey)
        self.view = ViewActions(parts, self.action_command)
        self.dispatcher = EventDispatcher(self.queue, self.set_timer, self._show_batch)
        for part in (self.survey, self.operations, self.view, PassphraseQuestions(self.engine.prompt, self)):
            part.subscribe(self.dispatcher)

    def compose(self) -> ComposeResult:
        """Compose title, lists, diff, activity and keys."""
        yield self._title_bar
        with Horizontal(id="lists"):
            with Vertical(id="side"):
                yield self.panes.services
                yield self.panes.versions
            with Vertical(id="resources-side"):
                yield self.panes.resources
                yield self._filter_line
        yield self.panes.diff
        yield self.panes.activity
        yield self._key_bar

    def on_mount(self) -> None:
        """Paint first, open the project then; ages move on by themselves."""
        self.call_after_refresh(self.engine.open)
        self.reload()
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        self.show_title()
        self.panes.tick()

    # Commands.

    def action_command(self, name: str) -> None:
        """Run a command, or say why it cannot run now."""
        command, context = _BY_NAME[name], self.selection.context
        reason = command.disabled(context)
        if reason is None:
            command.run(self, context)
            self.show_keys()
        else:
            self.say(f"{command.label}: {reason}", severity="warning", timeout=3)

    def action_pane(self, step: int) -> None:
        """Focus the pane before or after."""
        self.panes.focus_beside(step)

    @on(KeyBar.Clicked)
    def _hint_clicked(self, event: KeyBar.Clicked) -> None:
        self.action_command(event.name)

    # Events of the engine.

    @property
    def settled(self) -> bool:
        """Whether nothing is going on and nothing waits to be shown."""
        return self.engine.began and not self.engine.busy and self.dispatcher.idle

    @on(EventsWaiting)
    def _events_waiting(self) -> None:
        self.dispatcher.ring()

    def _show_batch(self) -> None:
        self.survey.count_touched()
        self.reload()

    # What the user moved.

    def on_resize(self) -> None:
        """Share the new height."""
        self.call_after_refresh(self.panes.share_height)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys of the pane that has the focus now."""
        name = event.widget.id or ""
        if name in tuple(Pane):
            self.panes.focused = Pane(name)
            self.show_keys()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.selection.filter_typed(event.value)

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.selection.close_filter()

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self.view.open_chosen()

    @on(ResourcesPane.Folded)
    @on(LineList.Moved, "#services")
    def _resources_changed(self) -> None:
        self.panes.reload_resources()

    @on(LineList.Moved, "#resources")
    def _resource_moved(self) -> None:
        self.panes.reload_under_cursor()

    @on(LineList.Moved, "#diff, #versions")
    def _detail_moved(self) -> None:
        self.show_keys()

    @on(LineList.Moved, "#versions")
    def _version_moved(self) -> None:
        self.survey.read_under_cursor()

    # What controllers ask: the DeckView.

    def say(
        self, message: str, *, title: str = "", severity: Severity = "information", timeout: float | None = None
    ) -> None:
        """Show a short message; `timeout` in seconds, None for the usual time."""
        self.notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def ask(self, title: str, lines: Iterable[str], yes: str, then: Callable[[], object]) -> None:
        """Ask a question, and call `then` if the answer is yes."""

        def answered(agreed: bool | None) -> None:
            if agreed:
                then()

        self.app.push_screen(AskScreen(title, lines, yes=yes), answered)

    @property
    def on_top(self) -> bool:
        """Whether no dialog is open."""
        return self.app.screen is self

    def reload(self) -> None:
        """Show the model and the progress as they are now, in every pane."""
        self.panes.reload()
        self.show_title()

    def show_title(self) -> None:
        """Bring the title line up to date."""
        self._title_bar.tell(self.model.info, freshness(self.model, self.clock()), read_only=self.model.read_only)

    def show_keys(self) -> None:
        """Bring the footer up to date."""
        context = self.selection.context
        self._key_bar.hint(list(key_hints(context, self.keys)), scope(context))
