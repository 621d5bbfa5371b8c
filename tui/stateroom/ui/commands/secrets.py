"""Commands about secrets: values in the state, their passphrase, an app's own secrets."""

# Every command gets deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from stateroom.ui.commands.base import Command
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck


class SecretsCommand(Command):
    """Show secret values."""

    name, label, key = "secrets", "secrets", "v"
    help = "Show secret values on this screen, after asking; again to mask them."
    group = "Look"
    panes = frozenset({Pane.DIFF})
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Ask, then show; or mask again."""
        deck.view.toggle_secrets()


class _OfService(Command):
    """Base of the commands about one service."""

    group = "Look"
    footer = False

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it for one service of an open project."""
        if context.info is None:
            return "the project is still opening"
        return None if context.owner else "choose one service first"


class PassphraseCommand(_OfService):
    """Show where the passphrase is kept."""

    name, label, key = "passphrase", "passphrase", "P"
    help = "Show where the passphrase of the service is kept and whether it fits; let the keyring keep or forget it."

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Look for the passphrase."""
        deck.view.show_passphrase(context.owner)


class AppSecretsCommand(_OfService):
    """Show the names of the app's own secrets."""

    name, label, key = "app_secrets", "app secrets", "S"
    help = "Show the names of the app's own secrets, as `secret list` does; values stay masked. For SST's homes."

    def disabled(self, context: CommandContext) -> str | None:
        """Allow it in homes of SST, which alone keep secrets of apps."""
        reason = super().disabled(context)
        if reason is None and context.info is not None and not context.info.app_secrets:
            return "this home keeps no secrets of apps; a serverless.yml takes them from ${ssm:…} or ${env:…}"
        return reason

    def run(self, deck: Deck, context: CommandContext) -> None:
        """List the names."""
        deck.view.show_app_secrets(context.owner)
