"""Commands for going from pane to pane, and out."""

# Every command is given deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import ClassVar

from stateroom.ui.commands.base import Command, CommandContext, Deck, Pane


class _Go(Command):
    group = "Go"
    footer = False
    pane: ClassVar[Pane]

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Focus the pane."""
        deck.focus_pane(self.pane)


class GoServicesCommand(_Go):
    """To Services."""

    name, label, key, pane = "go_services", "services", "1", Pane.SERVICES
    help = "To the Services pane."


class GoResourcesCommand(_Go):
    """To Resources."""

    name, label, key, pane = "go_resources", "resources", "2", Pane.RESOURCES
    help = "To the Resources pane."


class GoVersionsCommand(_Go):
    """To Versions."""

    name, label, key, pane = "go_versions", "versions", "3", Pane.VERSIONS
    help = "To the Versions pane."


class GoDiffCommand(_Go):
    """To the diff."""

    name, label, key, pane = "go_diff", "diff", "4", Pane.DIFF
    help = "To the three-way diff."


class GoActivityCommand(_Go):
    """To the log."""

    name, label, key, pane = "go_activity", "activity", "5", Pane.ACTIVITY
    help = "To the activity pane."


class BackCommand(Command):
    """One step back."""

    name, label, key = "back", "back", "escape"
    help = "One step back: filter, marks, pane. While an operation runs: stop it; twice: at once."
    group = "Go"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Back."""
        deck.back()


class StopCommand(Command):
    """Stop what runs."""

    name, label, key = "stop", "stop", "ctrl+c"
    help = "Stop the running operation: once starts nothing new and saves, twice stops at once. Else quit."
    group = "Go"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Stop, or leave when nothing runs."""
        if context.running:
            deck.stop()
        else:
            deck.leave()


class ThemeCommand(Command):
    """Pick a theme."""

    name, label, key = "theme", "theme", "T"
    help = "Pick a theme."
    group = "Look"
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the picker."""
        deck.choose_theme()


class HelpCommand(Command):
    """Show all commands."""

    name, label, key = "help", "help", "question_mark,f1"
    help = "Show every command, why it is disabled now, and what the marks mean."
    group = "Go"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open help."""
        deck.open_help()


class QuitCommand(Command):
    """Leave."""

    name, label, key = "quit", "quit", "q,ctrl+q"
    footer = False
    help = "Leave stateroom; asks first while an operation runs."
    group = "Go"

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Leave."""
        deck.leave()
