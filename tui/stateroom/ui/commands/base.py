"""What a command is, what it may look at, and what it may ask for."""

# Every command is given deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import ClassVar, Protocol

from stateroom.engine.requests import Info, Request
from stateroom.model.diff import AttributeDiff, ResourceDiff
from stateroom.model.version import Lock, Version


class Pane(StrEnum):
    """The panes of the deck; the values are their widget ids."""

    SERVICES = "services"
    RESOURCES = "resources"
    VERSIONS = "versions"
    DIFF = "diff"
    ACTIVITY = "activity"


class Danger(Enum):
    """What a command can do to the world."""

    NONE = "changes nothing"
    WRITES = "writes state or cloud, after a plan"
    DESTROYS = "destroys, after showing what and a name typed"


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What is under the cursor and what goes on, at the moment a command is asked about or run."""

    pane: Pane = Pane.SERVICES
    info: Info | None = None  # None: the project is still opening
    service: str = ""  # "": all services
    resource: ResourceDiff | None = None
    attribute: AttributeDiff | None = None
    marked: tuple[str, ...] = ()  # addresses
    version: Version | None = None
    lock: Lock | None = None
    running: str = ""  # the operation that runs
    filtered: bool = False
    reset_refusal: str | None = None  # why the home is not reset; "" when it can be, None when not known yet
    tree: bool = False  # the resources are parts of components

    @property
    def owner(self) -> str:
        """The one service meant: the chosen one, or that of the resource under the cursor."""
        if self.service:
            return self.service
        return self.resource.service if self.resource else ""


class Deck(Protocol):
    """What commands can ask of the deck. All of it returns at once."""

    def propose(self, request: Request, title: str) -> None:
        """Plan a request, show the plan, and run it if the user agrees."""

    def survey(self) -> None:
        """Read files, state and cloud again."""

    def ask_unlock(self, service: str, lock: Lock) -> None:
        """Show a lock and break it if the user agrees."""

    def open_reset(self) -> None:
        """Guide through a reset of the home's bootstrap."""

    def stop(self) -> None:
        """Stop what runs: once nicely, twice at once."""

    def back(self) -> None:
        """One step back: a filter, marks, a pane; or stop what runs."""

    def leave(self) -> None:
        """Quit, asking first while an operation runs."""

    def open_filter(self) -> None:
        """Type a filter."""

    def mark(self) -> None:
        """Mark the resource under the cursor, or take its mark away."""

    def mark_all(self) -> None:
        """Mark all resources in the list."""

    def clear(self) -> None:
        """Take away the filter and all marks."""

    def next_difference(self, step: int) -> None:
        """To the next (1) or previous (-1) row that is not in step."""

    def open(self) -> None:
        """Go into what is under the cursor."""

    def unfold(self) -> None:
        """Show or hide what the diff folds away."""

    def fold(self, *, everything: bool) -> None:
        """Fold or open the component under the cursor, or all of them."""

    def ask_secrets(self) -> None:
        """Show secret values, after asking; or hide them again."""

    def copy(self, *, to_file: bool) -> None:
        """Copy what is under the cursor as text, or write it to a file."""

    def focus_pane(self, pane: Pane) -> None:
        """Send keys to a pane."""

    def toggle_activity(self) -> None:
        """Show or hide the activity pane."""

    def show_passphrase(self, service: str) -> None:
        """Show where the passphrase of a service is kept, and let the keyring have or forget it."""

    def show_app_secrets(self, service: str) -> None:
        """Show the names of an app's own secrets."""

    def choose_theme(self) -> None:
        """Pick a theme."""

    def open_help(self) -> None:
        """Show every command and what the marks mean."""


class Command:
    """One thing the user can do. Bindings, footer, palette, help and docs are all made from these classes."""

    name: ClassVar[str]
    """What keymaps and the palette call it."""
    label: ClassVar[str]
    """One or two words for the footer."""
    help: ClassVar[str]
    key: ClassVar[str]
    """The default keys, separated by commas, as Textual names them."""
    group: ClassVar[str]
    danger: ClassVar[Danger] = Danger.NONE
    panes: ClassVar[frozenset[Pane]] = frozenset()
    """Where the footer shows it; nowhere else does it make sense. Empty: everywhere."""
    footer: ClassVar[bool] = True

    def applies(self, context: CommandContext) -> bool:
        """Whether it makes sense at all for what is open; where not, the footer keeps its place for others."""
        return True

    def disabled(self, context: CommandContext) -> str | None:
        """Why the command cannot run now, in a few words; None if it can."""
        return None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Do it. Only called when `disabled` says None."""
        raise TypeError(f"{type(self).__name__} has no run()")
