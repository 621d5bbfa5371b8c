"""News from threads: what has been read, planned and done. Plain data, put into the deck's mailbox.

Named tuples, as `model.events` are, and for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from textual.message import Message

from stateroom.model.version import History

if TYPE_CHECKING:
    from stateroom.engine.requests import Info, Outcome
    from stateroom.model.events import Event
    from stateroom.model.plan import Plan
    from stateroom.model.resource import Snapshot
    from stateroom.model.version import Lock, Version, VersionName
    from stateroom.state.questions import Question

ErrorLines: TypeAlias = tuple[str, ...]
"""What, why and what to do, as errors say it."""

Callback: TypeAlias = Callable[[Any, ErrorLines], object]
"""(value, ()) or (None, what went wrong): called on the event loop."""


class EventsWaiting(Message):
    """There is news in the mailbox."""

    def can_replace(self, message: Message) -> bool:
        """One ring is enough."""
        return isinstance(message, EventsWaiting)


class Opened(NamedTuple):
    """The project is open, or what its title line says has changed."""

    info: Info


class OpenFailed(NamedTuple):
    """The project could not be opened."""

    error: ErrorLines


class Surveyed(NamedTuple):
    """An event of a survey."""

    generation: int
    event: Event


class SurveyOver(NamedTuple):
    """A survey has ended, with an error if it could not go on."""

    generation: int
    error: ErrorLines = ()


class VersionsRead(NamedTuple):
    """A service's past and its lock."""

    service: str
    history: History = History()
    lock: Lock | None = None
    error: ErrorLines = ()


class ChangesCounted(NamedTuple):
    """A version with its changes counted; None: they cannot be."""

    service: str
    version: Version | None = None


class SnapshotsRead(NamedTuple):
    """A past state and the current one; `asked` is the service and the version's name."""

    asked: tuple[str, VersionName]
    then: Snapshot | None = None
    now: Snapshot | None = None
    error: ErrorLines = ()


class PassphraseWanted(NamedTuple):
    """A thread waits for a passphrase."""

    question: Question


class KeepWanted(NamedTuple):
    """A thread waits to hear whether the passphrase of a place is to be kept in the keyring."""

    place: str


class Planned(NamedTuple):
    """A plan, or why there is none. `ticket` tells which question this answers."""

    ticket: int
    plan: Plan | None = None
    error: ErrorLines = ()


class Happened(NamedTuple):
    """An event of the running operation."""

    event: Event


class OperationOver(NamedTuple):
    """The running operation has ended, with an outcome or an error."""

    outcome: Outcome | None = None
    error: ErrorLines = ()


class Answered(NamedTuple):
    """What was asked of the engine in a thread is there, or why it is not; `then` is called with it."""

    then: Callback
    value: Any = None
    error: ErrorLines = ()


class Unlocked(NamedTuple):
    """A lock was broken, or could not be."""

    service: str
    lock: Lock | None = None
    error: ErrorLines = ()


EngineEvent: TypeAlias = (
    SnapshotsRead
    | PassphraseWanted
    | KeepWanted
    | Opened
    | OpenFailed
    | Surveyed
    | SurveyOver
    | VersionsRead
    | ChangesCounted
    | Planned
    | Happened
    | OperationOver
    | Unlocked
    | Answered
)
