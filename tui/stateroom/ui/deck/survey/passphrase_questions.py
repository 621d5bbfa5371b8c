"""Passphrase questions of a survey or an operation, asked in dialogs."""

from __future__ import annotations

from stateroom.ui.deck.deck_view import DeckView
from stateroom.ui.deck.dispatch import EventDispatcher
from stateroom.ui.screens.ask_screen import AskScreen
from stateroom.ui.screens.passphrase_screen import KEEPING, PassphraseScreen
from stateroom.ui.workers.engine_events import KeepWanted, PassphraseWanted
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt


class PassphraseQuestions:
    """Dialogs that answer the prompt at which a worker thread waits."""

    def __init__(self, prompt: PassphrasePrompt, view: DeckView) -> None:
        self._prompt, self._view = prompt, view

    def subscribe(self, dispatcher: EventDispatcher) -> None:
        """Handle both questions."""
        dispatcher.on(PassphraseWanted, self._passphrase_wanted)
        dispatcher.on(KeepWanted, self._keep_wanted)

    def _passphrase_wanted(self, event: PassphraseWanted) -> None:
        self._view.app.push_screen(PassphraseScreen(event.question), self._prompt.answer)

    def _keep_wanted(self, event: KeepWanted) -> None:
        question = AskScreen(f"Keep the passphrase of {event.place}?", KEEPING, yes="Keep it")
        self._view.app.push_screen(question, lambda agreed: self._prompt.decide(bool(agreed)))
