"""Reset of the home: whether it is possible, and the guide through it."""

from __future__ import annotations

from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.workers.engine_events import ErrorLines
from stateroom.ui.workers.reset_client import ResetClient


class HomeResetController:
    """Check whether the home can be reset, and the guide through it.

    Args:
        client: None when there is no home to reset.
    """

    def __init__(self, parts: DeckParts, client: ResetClient | None) -> None:
        self._model, self._engine, self._view, self._clock = parts.model, parts.engine, parts.view, parts.clock
        self._client = client
        self._model.reset_refusal = None if client else "there is no home to reset here"

    @property
    def available(self) -> bool:
        """Whether there is a home to reset."""
        return self._client is not None

    def ask_refusal(self) -> None:
        """Ask once why the home cannot be reset; the model gets the answer."""
        if self._client is not None and self._model.reset_refusal is None:
            self._client.refusal(self._refusal_known)

    def _refusal_known(self, refusal: str | None, error: ErrorLines) -> None:
        self._model.reset_refusal = error[0] if refusal is None else refusal
        self._view.show_keys()

    def open_guide(self) -> None:
        """Open the guide; when it has changed something, open the project again."""
        from stateroom.ui.screens.reset.reset_screen import ResetScreen  # rarely wanted: not at the start

        if self._client is not None:
            self._view.app.push_screen(ResetScreen(self._client, self._clock), self._guide_closed)

    def _guide_closed(self, changed: bool | None) -> None:
        if changed or self._model.info is None:  # without info there is nothing on the screen to go back to
            self._model.info = None
            self._engine.open()
