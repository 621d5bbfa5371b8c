"""The state column of one service, opened without asking any cloud."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.cloud.provider import Provider
from stateroom.engine.execution.recovery import recover
from stateroom.errors import MisplacedStateError, PassphraseError, StateError
from stateroom.model.resource import Snapshot
from stateroom.model.version import Lock
from stateroom.state.home import Home, Leftover


@dataclass(frozen=True, slots=True)
class StateColumn:
    """What the home holds for one service and stage."""

    snapshot: Snapshot
    exists: bool
    etag: str | None
    leftover: Leftover | None = None
    lock: Lock | None = None  # who held it when it was read
    damaged: bool = False  # it could not be read, and is to be replaced as a whole

    @property
    def token(self) -> str:
        """Names exactly this content, the interrupted operation on top of it included."""
        text = f"damaged:{self.etag}" if self.damaged else self.etag or "none"
        return f"{text}+{self.leftover.update_id}" if self.leftover else text

    @property
    def account(self) -> str:
        """Whose it is, or whose an interrupted first operation was; "" when it is nobody's."""
        return self.snapshot.account or (self.leftover.account if self.leftover else "")

    @property
    def region(self) -> str:
        """Where its resources are, or those of an interrupted first operation; "" when there are none."""
        held = self.snapshot.region if self.snapshot.records else ""
        return held or (self.leftover.region if self.leftover else "")

    def recovered(self, provider: Provider) -> tuple[Snapshot, tuple[str, ...]]:
        """The state with an interrupted operation taken in, and what was found. Reads the cloud only then."""
        if self.leftover is None:
            return self.snapshot, ()
        result = recover(self.snapshot, self.leftover, provider)
        return result.snapshot, result.notes


def load_state(home: Home, app: str, stage: str, *, even_damaged: bool = False) -> StateColumn:
    """The state as stored. `even_damaged`: one that cannot be read counts as empty, for what replaces it as a whole.

    Raises:
        MisplacedStateError: what lies there is another one's state, which is not to be replaced.
        StateError: it is there but cannot be read.
        PassphraseError: it holds secrets and the passphrase is missing or wrong.
    """
    try:
        found = home.look(app, stage)
    except (MisplacedStateError, PassphraseError):
        raise
    except StateError:
        if not even_damaged:
            raise
        held = home.read_lock(app, stage)
        return StateColumn(Snapshot(app, stage), exists=True, etag=home.etag(app, stage), lock=held, damaged=True)
    stored = found.stored
    return StateColumn(
        stored.snapshot if stored else Snapshot(app, stage),
        exists=stored is not None,
        etag=stored.etag if stored else None,
        leftover=found.leftover,
        lock=found.lock,
    )
