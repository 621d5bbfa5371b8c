"""Entries of the command palette, made from the list of commands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from stateroom.ui.commands import COMMANDS, Command, display_key
from stateroom.ui.deck.deck_screen import DeckScreen


class CommandProvider(Provider):
    """Provider of every command with its key, and the reason when it cannot run now."""

    def _entries(self) -> Iterator[tuple[Command, str, str]]:
        deck = self.screen
        if not isinstance(deck, DeckScreen):
            return
        context = deck.selection.context
        for command in COMMANDS:
            reason = command.disabled(context)
            name = f"{command.name.replace('_', ' ')}  ({display_key(deck.keys[command.name])})"
            yield command, name, f"Not now: {reason}" if reason else command.help

    async def discover(self) -> Hits:
        """Yield all commands, before anything is typed."""
        for command, name, text in self._entries():
            yield DiscoveryHit(name, partial(self._run, command.name), command.name, text)

    async def search(self, query: str) -> Hits:
        """Yield the commands that match."""
        matcher = self.matcher(query)
        for command, name, text in self._entries():
            score = matcher.match(f"{name} {command.help}")
            if score:
                yield Hit(score, name, partial(self._run, command.name), command.name, text)

    def _run(self, name: str) -> None:
        deck = self.screen
        if isinstance(deck, DeckScreen):
            deck.action_command(name)
