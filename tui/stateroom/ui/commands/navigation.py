"""Commands that go from pane to pane, stop, and quit; help and themes."""

# Every command gets deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import ClassVar

from stateroom.ui.commands.base import Command
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck


class _Go(Command):
    """Base of the commands that focus a pane."""

    group = "Go"
    footer = False
    pane: ClassVar[Pane]

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Focus the pane."""
        deck.panes.focus(self.pane)


class GoServicesCommand(_Go):
    """Go to Services."""

    name, label, key, pane = "go_services", "services", "1", Pane.SERVICES
    help = "To the Services pane."


class GoResourcesCommand(_Go):
    """Go to Resources."""

    name, label, key, pane = "go_resources", "resources", "2", Pane.RESOURCES
    help = "To the Resources pane."


class GoVersionsCommand(_Go):
    """Go to Versions."""

    name, label, key, pane = "go_versions", "versions", "3", Pane.VERSIONS
    help = "To the Versions pane."


class GoDiffCommand(_Go):
    """Go to the diff."""

    name, label, key, pane = "go_diff", "diff", "4", Pane.DIFF
    help = "To the three-way diff."


class GoActivityCommand(_Go):
    """Go to the log."""

    name, label, key, pane = "go_activity", "activity", "5", Pane.ACTIVITY
    help = "To the activity pane."


class BackCommand(Command):
    """Go one step back."""

    name, label, key = "back", "back", "escape"
    help = "One step back: filter, marks, pane. While an operation runs: stop it; twice: at once."
    group = "Go"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Undo the innermost: filter, marks, the running operation, the pane."""
        if deck.selection.step_back():
            return
        if context.running:
            deck.operations.stop()
        else:
            deck.panes.back()


class StopCommand(Command):
    """Stop the running operation."""

    name, label, key = "stop", "stop", "ctrl+c"
    help = "Stop the running operation: once starts nothing new and saves, twice stops at once. Else quit."
    group = "Go"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Stop it, or quit when none runs."""
        if context.running:
            deck.operations.stop()
        else:
            deck.operations.leave()


class ThemeCommand(Command):
    """Pick a theme."""

    name, label, key = "theme", "theme", "T"
    help = "Pick a theme."
    group = "Look"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the picker."""
        deck.view.choose_theme()


class HelpCommand(Command):
    """Show all commands."""

    name, label, key = "help", "help", "question_mark,f1"
    help = "Show every command, why it is disabled now, and what the marks mean."
    group = "Go"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open help."""
        deck.view.open_help(context)


class QuitCommand(Command):
    """Quit stateroom."""

    name, label, key = "quit", "quit", "q,ctrl+q"
    footer = False
    help = "Leave stateroom; asks first while an operation runs."
    group = "Go"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Quit; ask first while an operation runs."""
        deck.operations.leave()
