"""Events that worker threads put into the deck's queue: what was read, planned and done. Plain data.

Named tuples, as `model.events` are, and for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from textual.message import Message

from stateroom.model.version import History

if TYPE_CHECKING:
    from stateroom.engine.requests import Info, Outcome
    from stateroom.model.events import Event
    from stateroom.model.plan import Plan
    from stateroom.model.resource import Snapshot
    from stateroom.model.version import Lock, Version, VersionName
    from stateroom.programs.access import ProgramUse
    from stateroom.state.secrets.passphrase_questions import Question

ErrorLines: TypeAlias = tuple[str, ...]
"""Lines of an error: what, why, what to do. Empty: no error."""


class EventsWaiting(Message):
    """Message to the deck: the queue is no longer empty."""

    def can_replace(self, message: Message) -> bool:
        """Let one message stand for all that have not been handled yet."""
        return isinstance(message, EventsWaiting)


class Opened(NamedTuple):
    """The project is open, or the facts of its title line have changed."""

    info: Info


class OpenFailed(NamedTuple):
    """The project could not be opened."""

    error: ErrorLines


class Surveyed(NamedTuple):
    """An event of a survey; `generation` is the number of that survey."""

    generation: int
    event: Event


class SurveyOver(NamedTuple):
    """The end of a survey, with an error if it could not go on."""

    generation: int
    error: ErrorLines = ()


class VersionsRead(NamedTuple):
    """Versions and lock of a service."""

    service: str
    history: History = History()
    lock: Lock | None = None
    error: ErrorLines = ()


class ChangesCounted(NamedTuple):
    """A version with its changes counted; None when they cannot be."""

    service: str
    version: Version | None = None


class SnapshotsRead(NamedTuple):
    """A past state and the current one; `asked` is the service and the name of the version."""

    asked: tuple[str, VersionName]
    then: Snapshot | None = None
    now: Snapshot | None = None
    error: ErrorLines = ()


class PassphraseWanted(NamedTuple):
    """A thread waits for a passphrase."""

    question: Question


class KeepWanted(NamedTuple):
    """A thread waits for the answer whether the keyring is to keep the passphrase of `place` (app/stage)."""

    place: str


class Planned(NamedTuple):
    """A plan, or the reason why there is none. `ticket` is the number of the request that this answers."""

    ticket: int
    plan: Plan | None = None
    error: ErrorLines = ()
    programs: tuple[ProgramUse, ...] = ()  # that it waits for: the user has not allowed them


class Happened(NamedTuple):
    """An event of the planning or of the running operation."""

    event: Event


class OperationOver(NamedTuple):
    """The end of the running operation, with an outcome or an error."""

    outcome: Outcome | None = None
    error: ErrorLines = ()


class Answered(NamedTuple):
    """An answer to a single question; `deliver` hands it to the caller who asked, on the event loop."""

    deliver: Callable[[], object]


class Unlocked(NamedTuple):
    """A lock was broken (`lock`; None: it was no longer held), or could not be."""

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
