"""Standing of one service: whether an operation runs or was cut off, and what in its state needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from stateroom.model.pending import PendingOperation
from stateroom.model.version import Lock

NO_STATE: Final = "no state"
"""Rule of the note that a stage has no state, and what else there is of it."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """Step that began and of which nobody knows how it ended."""

    logical_id: str
    type: str
    action: str  # "create", "update", "replace", "delete", "adopt"


@dataclass(frozen=True, slots=True)
class Interruption:
    """Operation whose end is not recorded, as its journal and its update record tell.

    `running`: its lock is held, by a living process or from elsewhere, so that nobody may say that it was cut off.
    `stored`: its state is stored, and only `open_steps` are left.
    """

    update_id: str
    command: str
    by: str = ""  # user@host; "" when no record tells
    since: datetime | None = None
    finished: int = 0  # steps
    total: int = 0  # steps; 0: the journal of an older stateroom does not tell
    open_steps: tuple[OpenStep, ...] = ()
    running: bool = False
    stored: bool = False


class Gravity(StrEnum):
    """Weight of a problem: for exit codes, and for the order in which problems are shown."""

    BROKEN = "broken"  # a rule of the state is broken: no tool may build on it
    OPEN = "open"  # something waits for an operation
    NOTE = "note"  # worth knowing, nothing to do


@dataclass(frozen=True, slots=True)
class StateProblem:
    """Finding about a stored state that is no difference to config or cloud."""

    rule: str  # "duplicate resource", "initErrors"
    text: str  # one line; names a resource
    remedy: str  # what resolves it
    gravity: Gravity = Gravity.BROKEN


@dataclass(frozen=True, slots=True)
class Standing:
    """Standing of one service. `abandoned`: the lock's holder ran on this machine and has certainly ended."""

    interrupted: Interruption | None = None
    pending: tuple[PendingOperation, ...] = ()
    problems: tuple[StateProblem, ...] = ()
    lock: Lock | None = None
    abandoned: bool = False

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say."""
        return self == Standing()

    @property
    def broken(self) -> bool:
        """Whether the state breaks a rule."""
        return any(item.gravity is Gravity.BROKEN for item in self.problems)

    @property
    def unfinished(self) -> bool:
        """Whether something waits for an operation: one that was cut off, or a step or a resource left half-way."""
        cut_off = self.interrupted is not None and not self.interrupted.running
        return cut_off or bool(self.pending) or any(item.gravity is not Gravity.NOTE for item in self.problems)
