"""Parts of the deck that its controllers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.deck_view import DeckView
from stateroom.ui.deck.operations.operation_progress import OperationProgress
from stateroom.ui.deck.pane_group import PaneGroup
from stateroom.ui.workers.engine_client import EngineClient


@dataclass(frozen=True, slots=True)
class DeckParts:
    """Model, engine and screen, as every controller gets them; each keeps those that it uses."""

    model: DeckModel
    engine: EngineClient
    progress: OperationProgress
    panes: PaneGroup
    view: DeckView
    keys: Mapping[str, str]  # command name to its keys
    clock: Callable[[], datetime]
