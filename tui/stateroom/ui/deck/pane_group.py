"""The deck's view: the panes, what is under the cursor, and putting the board on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Input

from stateroom.engine.requests import Info
from stateroom.model.diff import ResourceDiff
from stateroom.presentation.values import age
from stateroom.ui.commands import COMMANDS, CommandContext, Pane, display_key
from stateroom.ui.deck.model import DeckModel
from stateroom.ui.deck.operations.operation_progress import OperationProgress
from stateroom.ui.deck.selection.filters import parse
from stateroom.ui.panes.activity import ActivityPane
from stateroom.ui.panes.diff import DiffPane
from stateroom.ui.panes.resources import ResourcesPane
from stateroom.ui.panes.services import ServicesPane
from stateroom.ui.panes.versions import VersionsPane
from stateroom.ui.screens.problem import names_repair
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.key_bar import KeyBar, KeyHint
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.painting import LINE_STYLES
from stateroom.ui.widgets.title_bar import TitleBar


class DeckView(Screen[None]):
    """Five panes between a title and a footer, each a view of the board."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LINE_STYLES)
    CSS_PATH = ["../styles/lines.tcss", "../styles/deck.tcss"]  # noqa: RUF012

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    AUTO_FOCUS = "#resources"

    def __init__(self, keys: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.keys = keys
        self.clock = clock
        self.board = DeckModel()
        self.progress = OperationProgress()
        self.info: Info | None = None
        self.read_only = False
        self.running = ""
        self.reset_refusal: str | None = None  # why the home is not reset; "" when it can be, None when not known yet
        self.filter = parse("")
        self.pane = Pane.RESOURCES
        self.services = ServicesPane(self.board)
        self.resources = ResourcesPane(clock)
        self.versions = VersionsPane(clock)
        self.diff = DiffPane(clock)
        self.activity = ActivityPane(self.progress, time.monotonic)

    def compose(self) -> ComposeResult:
        """Title, lists, diff, activity, keys."""
        yield TitleBar()
        with Horizontal(id="lists"):
            with Vertical(id="side"):
                yield self.services
                yield self.versions
            with Vertical(id="resources-side"):
                yield self.resources
                yield Input(placeholder="words  ~ ! x + ?  status:drift  type:Function", id="filter", compact=True)
        yield self.diff
        yield self.activity
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Ages move on by themselves."""
        self.reload()
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        self.tell_title()
        if self.progress.active:
            self.activity.reload()
            self.activity.refresh()
        elif int(time.monotonic()) % 10 == 0:
            self.resources.repaint()
            self.versions.repaint()

    # What is under the cursor.

    @property
    def context(self) -> CommandContext:
        """What commands may look at."""
        resource = self.resources.resource
        service = self.services.service
        owner = service or (resource.service if resource else "")
        board = self.board.services.get(owner)
        return CommandContext(
            pane=self.pane,
            info=self.info,
            service=service,
            resource=resource,
            attribute=self.diff.attribute,
            marked=tuple("/".join(address) for address in self.resources.marked if isinstance(address, tuple)),
            version=self.versions.version,
            lock=board.lock if board else None,
            running=self.running,
            filtered=bool(self.filter),
            reset_refusal=self.reset_refusal,
            tree=bool(self.resources.components),
        )

    # Putting the board on the screen.

    def reload(self) -> None:
        """Show what the board and the progress say now, in every pane."""
        self.services.reload()
        self.reload_resources()
        self.tell_title()
        if self.activity.display:
            self.activity.reload()
            self.activity.refresh()

    def reload_resources(self) -> None:
        """Show the chosen service's resources that pass the filter, and what hangs on them."""
        service = self.services.service
        rows = self.resources.rows_for(self.board.rows(service), self.filter)
        self.resources.with_service = not service and len(self.board.services) > 1
        self.resources.reload(rows, self._messages(service, len(rows)))
        self.reload_under_cursor()
        self.share_height()

    def share_height(self) -> None:
        """The diff gets the lines that it can use, up to half of all, or a third beside the log; the lists the rest."""
        rows = (row for row in self.resources.rows if isinstance(row, ResourceDiff))
        height = min(self.diff.height_for(rows), max(4, self.size.height // (3 if self.activity.display else 2)))
        if self.diff.styles.height is None or self.diff.styles.height.value != height:
            self.diff.styles.height = height

    def on_resize(self) -> None:
        """Half of something else."""
        self.call_after_refresh(self.share_height)

    def reload_under_cursor(self) -> None:
        """Show the versions and the diff that belong to what is under the cursor."""
        context = self.context
        self.versions.reload(self.board.services.get(context.owner))
        self.diff.reload(context.resource)
        self.show_keys()

    def _messages(self, service: str, shown: int) -> tuple[str, ...]:
        boards = self.board.chosen(service)
        errors = tuple(dict.fromkeys(line for board in boards for line in board.error))
        if any(board.error and board.locked for board in boards):
            errors = (*errors, f"{display_key(self.keys['reread'])} asks for the passphrase again")
        if errors and self.reset_refusal == "" and names_repair(errors):
            errors = (*errors, f"{display_key(self.keys['reset'])} does that here, step by step")
        if errors and (service or not shown):
            return errors
        if shown:
            return ()
        if not boards or not all(board.surveyed for board in boards):
            return ("reading the project…",) if self.info or not boards else ("opening…",)
        if self.resources.total and self.filter:
            return (f"nothing matches {self.filter.text}",)
        return ("no resources",)

    def tell_title(self) -> None:
        """Bring the title line up to date."""
        self.query_one(TitleBar).tell(self.info, self._fresh(), read_only=self.read_only)

    def _fresh(self) -> Cell:
        if self.info is None:
            return Cell("opening…", "dim")
        if self.running:
            return Cell(f"{self.running} is running", "accent")
        if self.board.surveying:
            read, total = self.board.progress()
            if self.board.working() and read == total:
                return Cell(self.board.working(), "accent")
            return Cell(f"reading cloud {read}/{total}" if total else "reading…", "accent")
        if self.info.deployer:
            return Cell(f"deployed by {self.info.deployer}: states only", "dim")
        if self.board.read_at is None:
            return Cell("cloud not read", "bad" if self.board.failed else "dim")
        return Cell(f"cloud read {age(self.board.read_at, self.clock())} ago", "dim")

    def show_keys(self) -> None:
        """Bring the footer up to date."""
        context = self.context
        hints = [
            KeyHint(
                display_key(self.keys[command.name]), command.label, command.name, command.disabled(context) is None
            )
            for command in COMMANDS
            if command.footer and (not command.panes or self.pane in command.panes) and command.applies(context)
        ]
        if self.running:
            hints.insert(0, KeyHint(display_key(self.keys["stop"]), "stop", "stop", True))
        self.query_one(KeyBar).hint(hints)

    # What the user moved.

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Commands depend on the pane that has the focus."""
        name = event.widget.id or ""
        if name in tuple(Pane):
            self.pane = Pane(name)
            self.show_keys()

    @on(ResourcesPane.Folded)
    def _folded(self) -> None:
        self.reload_resources()

    @on(LineList.Moved, "#services")
    def _service_chosen(self) -> None:
        self.reload_resources()

    @on(LineList.Moved, "#resources")
    def _resource_chosen(self) -> None:
        self.reload_under_cursor()

    @on(LineList.Moved, "#diff, #versions")
    def _detail_chosen(self) -> None:
        self.show_keys()
