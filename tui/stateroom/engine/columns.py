"""The state column of one service, opened without asking any cloud."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.cloud.provider import Provider
from stateroom.engine.recovery import recover
from stateroom.engine.service_run import state_token
from stateroom.model.resource import Snapshot
from stateroom.state.home import Home, Leftover


@dataclass(frozen=True, slots=True)
class StateColumn:
    """What the home holds for one service and stage. `token` names exactly this content."""

    snapshot: Snapshot
    exists: bool
    token: str
    leftover: Leftover | None = None

    def recovered(self, provider: Provider) -> tuple[Snapshot, tuple[str, ...]]:
        """The state with an interrupted operation taken in, and what was found. Reads the cloud only then."""
        if self.leftover is None:
            return self.snapshot, ()
        result = recover(self.snapshot, self.leftover, provider)
        return result.snapshot, result.notes


def read_state(home: Home, app: str, stage: str) -> StateColumn:
    """The state as stored.

    Raises:
        StateError: it is there but cannot be read.
        PassphraseError: it holds secrets and the passphrase is missing or wrong.
    """
    stored = home.load(app, stage)
    leftover = home.leftover(app, stage)
    return StateColumn(
        stored.snapshot if stored else Snapshot(app, stage),
        exists=stored is not None,
        token=state_token(stored.etag if stored else None, leftover.update_id if leftover else ""),
        leftover=leftover,
    )
