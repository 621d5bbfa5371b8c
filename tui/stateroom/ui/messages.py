"""News from threads: what has been read, planned and done. Plain data, put into the deck's mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.message import Message

from stateroom.engine.requests import Info, Outcome
from stateroom.model.events import Event
from stateroom.model.plan import Plan
from stateroom.model.resource import Snapshot
from stateroom.model.version import Lock, Version

if TYPE_CHECKING:
    from stateroom.state.questions import Question

Lines: TypeAlias = tuple[str, ...]
"""What, why and what to do, as errors say it."""

Then: TypeAlias = Callable[[Any, Lines], object]
"""(value, ()) or (None, what went wrong): called on the event loop."""


class Ring(Message):
    """There is news in the mailbox."""

    def can_replace(self, message: Message) -> bool:
        """One ring is enough."""
        return isinstance(message, Ring)


@dataclass(frozen=True, slots=True)
class Opened:
    """The project is open, or what its title line says has changed."""

    info: Info


@dataclass(frozen=True, slots=True)
class OpenFailed:
    """The project could not be opened."""

    error: Lines


@dataclass(frozen=True, slots=True)
class Surveyed:
    """An event of a survey."""

    generation: int
    event: Event


@dataclass(frozen=True, slots=True)
class SurveyOver:
    """A survey has ended, with an error if it could not go on."""

    generation: int
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class VersionsRead:
    """A service's past and its lock."""

    service: str
    versions: tuple[Version, ...] = ()
    lock: Lock | None = None
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class SnapshotsRead:
    """A past state and the current one; `asked` is the service and the version's number."""

    asked: tuple[str, int]
    then: Snapshot | None = None
    now: Snapshot | None = None
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class PassphraseWanted:
    """A thread waits for a passphrase."""

    question: Question


@dataclass(frozen=True, slots=True)
class KeepWanted:
    """A thread waits to hear whether the passphrase of a place is to be kept in the keyring."""

    place: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, or why there is none. `ticket` tells which question this answers."""

    ticket: int
    plan: Plan | None = None
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the running operation."""

    event: Event


@dataclass(frozen=True, slots=True)
class OperationOver:
    """The running operation has ended, with an outcome or an error."""

    outcome: Outcome | None = None
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked of the engine in a thread is there, or why it is not; `then` is called with it."""

    then: Then
    value: Any = None
    error: Lines = ()


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A lock was broken, or could not be."""

    service: str
    lock: Lock | None = None
    error: Lines = ()


News: TypeAlias = (
    SnapshotsRead
    | PassphraseWanted
    | KeepWanted
    | Opened
    | OpenFailed
    | Surveyed
    | SurveyOver
    | VersionsRead
    | Planned
    | Happened
    | OperationOver
    | Unlocked
    | Answered
)
