"""Commands about what is secret: values in the state, the passphrase that they are encrypted with, an app's own."""

# Every command is given deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from stateroom.ui.commands.base import Command, CommandContext, Deck, Pane


class SecretsCommand(Command):
    """Show secret values."""

    name, label, key = "secrets", "secrets", "v"
    help = "Show secret values on this screen, after asking; again to mask them."
    group = "Look"
    panes = frozenset({Pane.DIFF})
    footer = False

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Ask."""
        deck.ask_secrets()


class _OfService(Command):
    """Commands about what belongs to one service."""

    group = "Look"
    footer = False

    def disabled(self, context: CommandContext) -> str | None:
        """Only for one service that is open."""
        if context.info is None:
            return "the project is still opening"
        return None if context.owner else "choose one service first"


class PassphraseCommand(_OfService):
    """Where the passphrase is."""

    name, label, key = "passphrase", "passphrase", "P"
    help = "Show where the passphrase of the service is kept and whether it fits; let the keyring keep or forget it."

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Look for it."""
        deck.show_passphrase(context.owner)


class AppSecretsCommand(_OfService):
    """The app's own secrets."""

    name, label, key = "app_secrets", "app secrets", "S"
    help = "Show the names of the app's own secrets, as `secret list` does; values stay masked. For SST's homes."

    def disabled(self, context: CommandContext) -> str | None:
        """Only homes of SST have some."""
        reason = super().disabled(context)
        if reason is None and context.info is not None and not context.info.app_secrets:
            return "this home keeps no secrets of apps; a serverless.yml takes them from ${ssm:…} or ${env:…}"
        return reason

    def run(self, deck: Deck, context: CommandContext) -> None:
        """List them."""
        deck.show_app_secrets(context.owner)
