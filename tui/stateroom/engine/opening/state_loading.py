"""Load the state of one service without calling any cloud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from stateroom.cloud.provider import Provider
from stateroom.engine.opening.standing import interruption_of
from stateroom.engine.records.recovery import Recovered, recover, replayed
from stateroom.errors import MisplacedStateError, PassphraseError, StateError
from stateroom.model.resource import Snapshot
from stateroom.model.standing import Interruption, Standing
from stateroom.model.version import Lock
from stateroom.state.checkpoint.attention import problems_in
from stateroom.state.checkpoint.codec import latest_in
from stateroom.state.home import Home, Leftover

NO_STATE: Final = "none"  # token of a service that was never deployed


@dataclass(frozen=True, slots=True)
class StateColumn:
    """State of one service and stage in the home."""

    snapshot: Snapshot
    exists: bool
    etag: str | None
    leftover: Leftover | None = None
    lock: Lock | None = None  # who held it when it was read
    abandoned: bool = False  # the lock's holder has certainly ended
    ours: bool = False  # this process holds the lock
    damaged: bool = False  # it could not be read, and is to be replaced as a whole
    spent: tuple[str, ...] = ()  # operations whose journals hold nothing any more, when they are not running

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever deployed: no state, and no interrupted first operation."""
        return not self.exists and self.leftover is None

    @property
    def known(self) -> Snapshot:
        """State with the finished steps of an interrupted or running operation. Asks no cloud.

        Resources of its open steps are as they were before.
        """
        if self.leftover is None:
            return self.snapshot
        region = self.region or self.snapshot.region
        return replace(replayed(self.snapshot, self.leftover), account=self.account, region=region)

    @property
    def standing(self) -> Standing:
        """Operation that runs or was cut off, lock, and findings about the state."""
        problems = problems_in(latest_in(self.snapshot.carried), checked=True)
        return Standing(self.interruption, self.snapshot.pending, problems, self.lock, self.abandoned)

    @property
    def interruption(self) -> Interruption | None:
        """Operation that runs or was cut off; None without one."""
        if self.leftover is None:
            return None
        running = self.ours or (self.lock is not None and not self.abandoned)
        return interruption_of(self.leftover, self.lock if running else None, running=running)

    @property
    def token(self) -> str:
        """Identity of this content, including a pending interrupted operation."""
        text = f"damaged:{self.etag}" if self.damaged else self.etag or NO_STATE
        return f"{text}+{self.leftover.update_id}" if self.leftover else text

    @property
    def account(self) -> str:
        """Account of the state or of its interrupted first operation; "" without one."""
        return self.snapshot.account or (self.leftover.account if self.leftover else "")

    @property
    def region(self) -> str:
        """Region of the resources or of an interrupted first operation; "" without resources."""
        held = self.snapshot.region if self.snapshot.records or self.snapshot.pending else ""
        return held or (self.leftover.region if self.leftover else "")

    def recovered(self, provider: Provider) -> Recovered:
        """Return the state with an interrupted operation and pending ones settled as far as the cloud answers.

        Reads the cloud only if there are any.
        """
        return recover(self.snapshot, self.leftover, provider)


def load_state(home: Home, app: str, stage: str, *, even_damaged: bool = False) -> StateColumn:
    """Load the stored state. `even_damaged`: an unreadable one counts as empty, for its replacement.

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
        spent=found.spent,
        abandoned=found.lock is not None and home.is_abandoned(found.lock),
        ours=found.ours,
    )
