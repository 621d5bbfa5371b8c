"""Commands about the home: its locks, and its bootstrap."""

# Every command gets deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from stateroom.ui.commands.base import Command, Danger
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck
from stateroom.ui.commands.operations import OperationCommand


class UnlockCommand(OperationCommand):
    """Break a lock that its holder has left behind."""

    name, label, key = "unlock", "unlock", "u"
    help = "Show who holds the service's lock, and break it."
    panes = frozenset({Pane.SERVICES})
    for_states = True

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it where there is a lock; it has no plan that a read-only run could show."""
        if context.info is not None and context.info.read_only:
            return "stateroom runs read-only"
        reason = super().disabled(context)
        if reason is None and context.lock is None:
            return f"{context.owner or 'no service'} is not locked" if context.owner else "nothing is locked"
        return reason

    def without_scope(self, context: CommandContext) -> str | None:
        """Allow it in every pane: the question names the service."""
        return None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Ask first."""
        if context.lock is not None:
            deck.operations.ask_unlock(context.owner, context.lock)


class ResetHomeCommand(Command):
    """Take the home's bootstrap down and set it up again."""

    name, label, key = "reset", "reset home", "R"
    help = (
        "Guide through a reset of the home's bootstrap, or put back what is missing of it; goes on where one stopped."
    )
    group = "Make them agree"
    danger = Danger.DESTROYS
    panes = frozenset({Pane.SERVICES})

    def applies(self, context: CommandContext) -> bool:
        """Tell whether the home can be reset."""
        return not context.reset_refusal

    def disabled(self, context: CommandContext) -> str | None:
        """Refuse it while opening, read-only, on protected stages, while an operation runs, and in other homes."""
        if context.info is None:
            return "the project is still opening"
        if context.info.read_only:
            return "stateroom runs read-only"
        if context.running:
            return f"{context.running} is running"
        if context.info.protected:
            return f"stage {', '.join(sorted(context.info.protected))} is protected"
        return "the home is still opening" if context.reset_refusal is None else context.reset_refusal or None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Open the guide."""
        deck.home_reset.open_guide()
