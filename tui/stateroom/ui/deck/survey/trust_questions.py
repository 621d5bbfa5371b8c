"""Questions whether the project may start programs: once after a survey that lacks them, and before a deploy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from stateroom.engine.requests import Cockpit, TrustCockpit
from stateroom.presentation.programs import CONSEQUENCE, use_lines
from stateroom.programs.access import ProgramUse
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.deck_view import DeckView
from stateroom.ui.workers.engine_client import EngineClient
from stateroom.ui.workers.engine_events import ErrorLines

_SHOWN: Final = 8  # lines of what is wanted: more leave no room for the buttons


class TrustQuestions:
    """Dialog that shows what the project wants to start; a yes is remembered for its directory."""

    def __init__(self, model: DeckModel, engine: EngineClient, view: DeckView) -> None:
        self._model, self._engine, self._view = model, engine, view
        self._asked = False

    def ask_once(self, then: Callable[[], object]) -> None:
        """Ask after a survey that could not read all of a config, once as long as the screen is open."""
        services = self._model.services.values()
        lacking = any(service.error and not service.locked for service in services)
        lacking = lacking or any(diff.not_built for diff in self._model.rows(""))
        if lacking and not self._asked:
            self._asked = True
            self._engine.ask(_untrusted, lambda uses, _error: self._found(uses or (), then))

    def ask(self, uses: tuple[ProgramUse, ...], then: Callable[[], object]) -> None:
        """Ask whether these may run; remember a yes, then call `then`."""
        self._asked = True
        root = self._model.info.path if self._model.info else ""

        def agreed() -> None:
            self._engine.ask(lambda cockpit: _trust(cockpit, uses), lambda _, error: self._remembered(error, then))

        lines = use_lines(uses, Path(root))
        if len(lines) > _SHOWN:
            lines = [*lines[: _SHOWN - 1], "and more: `stateroom trust` shows all of it"]
        self._view.ask(f"May {root} start programs?", (*lines, CONSEQUENCE), "Allow", agreed)

    def _found(self, uses: tuple[ProgramUse, ...], then: Callable[[], object]) -> None:
        if uses and self._view.on_top:
            self.ask(uses, then)

    def _remembered(self, error: ErrorLines, then: Callable[[], object]) -> None:
        if error:
            self._view.say("\n".join(error), severity="error")
        else:
            then()


def _untrusted(cockpit: Cockpit) -> tuple[ProgramUse, ...]:
    return cockpit.untrusted_programs() if isinstance(cockpit, TrustCockpit) else ()


def _trust(cockpit: Cockpit, uses: tuple[ProgramUse, ...]) -> None:
    if isinstance(cockpit, TrustCockpit):
        cockpit.trust_programs(uses)
