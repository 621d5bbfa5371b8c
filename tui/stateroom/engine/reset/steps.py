"""Steps of a reset as data, for commands and screens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from stateroom.engine.reset.progress_file import ProgressFile
from stateroom.errors import StateError


class ResetStep(Enum):
    """Step of a reset. Its value is its name in the notes and in JSON."""

    SAVE = "save"
    CLOSE = "close"
    REMOVE = "remove"
    MAKE = "make"
    RESTORE = "restore"
    FORGET = "forget"
    POINT = "point"
    SWEEP = "sweep"

    @property
    def title(self) -> str:
        """Short title for a list."""
        return _WORDS[self][0]

    @property
    def explanation(self) -> str:
        """Effect of the step, in one line."""
        return _WORDS[self][1]

    @property
    def irreversible(self) -> bool:
        """Whether it deletes something, all of which is in the backup by then."""
        return self in (ResetStep.REMOVE, ResetStep.FORGET, ResetStep.SWEEP)


_WORDS = {
    ResetStep.SAVE: ("back up", "every version of every object is saved to a local directory; nothing is deleted"),
    ResetStep.CLOSE: ("close the home", "it says that it is being reset; nobody opens it until it is ready again"),
    ResetStep.REMOVE: (
        "remove",
        "what is in the backup, and only that, is deleted, and the buckets that are empty then",
    ),
    ResetStep.MAKE: ("make anew", "new buckets are made, as the home wants them"),
    ResetStep.RESTORE: ("restore", "everything is put back, version by version, and compared with the backup"),
    ResetStep.FORGET: ("remove the pointer", "the parameter that named the old buckets is deleted"),
    ResetStep.POINT: ("open the home", "a new pointer names the new buckets, unless someone has written one meanwhile"),
    ResetStep.SWEEP: ("sweep", "what others put into the old places meanwhile is brought along"),
}


class Phase(Enum):
    """Phase of a step."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ResetStage:
    """Step in the guide of one reset. `number` counts from 1, `of` is the number of steps."""

    step: ResetStep
    number: int
    of: int
    phase: Phase = Phase.WAITING

    def __str__(self) -> str:
        return f"{self.number} of {self.of} · {self.step.title}"


@dataclass(frozen=True, slots=True)
class ResetProgress:
    """Progress of a reset step.

    Args:
        stage: the step, and whether it has begun (RUNNING) or ended (DONE).
        done: objects dealt with so far, of `total`; both 0 when there is nothing to count.
        total: objects.
        text: one thing that was done, in words; "" when only the count went on.
    """

    stage: ResetStage
    done: int = 0
    total: int = 0
    text: str = ""


Tell: TypeAlias = Callable[[ResetProgress], None]


class Guide:
    """Step runner of one reset: announces each step, records its end, and stops on request.

    Args:
        notes: of the reset.
        tell: told of each step and of each thing that is done, from many threads.
        without: steps that this home does not have.
    """

    def __init__(self, notes: ProgressFile, tell: Tell, without: Collection[ResetStep] = ()) -> None:
        self._notes = notes
        self._tell = tell
        self._stopping = threading.Event()
        steps = [step for step in ResetStep if step not in without]
        self._stages = {step: ResetStage(step, number, len(steps)) for number, step in enumerate(steps, 1)}

    def stages(self) -> tuple[ResetStage, ...]:
        """Return every step, done or to do."""
        return tuple(
            replace(stage, phase=Phase.DONE if self._notes.is_done(step.value) else Phase.WAITING)
            for step, stage in self._stages.items()
        )

    def stop(self) -> None:
        """Stop at the next safe point. Thread-safe."""
        self._stopping.set()

    @contextmanager
    def step(self, step: ResetStep) -> Iterator[bool]:
        """Announce a step, and record its end. Yields whether it is still to do.

        Raises:
            StateError: it was stopped.
        """
        if step not in self._stages or self._notes.is_done(step.value):
            yield False
            return
        self._check_stopped(step)
        stage = self._stages[step]
        self._tell(ResetProgress(replace(stage, phase=Phase.RUNNING)))
        yield True
        self._notes.finish(step.value)
        self._tell(ResetProgress(replace(stage, phase=Phase.DONE)))

    def say(self, step: ResetStep, text: str) -> None:
        """Report one change."""
        self._tell(ResetProgress(replace(self._stages[step], phase=Phase.RUNNING), text=text))

    def counting(self, step: ResetStep) -> Callable[[int, int], None]:
        """Return a progress callback (done, total), which raises StateError to stop the work."""
        stage = replace(self._stages[step], phase=Phase.RUNNING)

        def count(done: int, total: int) -> None:
            self._tell(ResetProgress(stage, done, total))
            self._check_stopped(step)

        return count

    def _check_stopped(self, step: ResetStep) -> None:
        if self._stopping.is_set():
            closed = self._notes.is_done(ResetStep.CLOSE.value)
            raise StateError(
                f"the reset was stopped at step {self._stages[step]}",
                why=f"what is done is noted in {self._notes.directory}, and nothing is lost",
                todo="`stateroom reset` continues it"
                + ("; until then nobody can open the home" if closed else ", and nothing was removed"),
            )
