"""Progress of an operation: counts, running steps and log, added up from its events. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field

from stateroom.model.events import (
    Event,
    Note,
    OperationFinished,
    OperationStarted,
    ServiceFinished,
    ServiceUnreadable,
    StepFailed,
    StepFinished,
    StepSkipped,
    StepStarted,
    StepWaiting,
)
from stateroom.presentation.events import doing, event_line, waiting_for
from stateroom.presentation.values import duration, type_name

LOG_LIMIT = 5_000
_BAD = (StepFailed, ServiceUnreadable)


@dataclass
class RunningStep:
    """A step that has begun; `since` in seconds of the clock of the progress."""

    label: str
    action: str
    since: float
    waiting: str = ""
    until: float = 0.0  # when the wait ends at the latest; 0: not known

    def waits(self, now: float) -> str:
        """Say what it waits for; "" for nothing."""
        return waiting_for(self.waiting, self.until - now) if self.waiting else ""


@dataclass
class OperationProgress:
    """Counts, running steps and log of one operation after another. Times are seconds of any steady clock."""

    title: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    started: float = 0.0
    finished: float | None = None
    stopping: str = ""
    running: dict[str, RunningStep] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)  # (text, style)

    @property
    def active(self) -> bool:
        """Whether an operation runs."""
        return bool(self.title) and self.finished is None

    def begin(self, title: str, total: int, now: float) -> None:
        """Begin a new operation; the log of those before stays."""
        self.title, self.total, self.started, self.finished = title, total, now, None
        self.done = self.failed = self.skipped = 0
        self.stopping = ""
        self.running.clear()
        self.note(title, "strong")

    def note(self, text: str, style: str = "") -> None:
        """Add a line to the log."""
        self.log.append((text, style))
        if len(self.log) > LOG_LIMIT:
            del self.log[: LOG_LIMIT // 10]

    def note_error(self, error: tuple[str, ...], subject: str = "") -> None:
        """Add the lines of an error to the log, the first after `subject`."""
        for index, line in enumerate(error):
            self.note(f"failed    {subject}{line}" if index == 0 else f"          {line}", "bad")

    def end(self, now: float) -> None:
        """End the operation, whatever its last events were."""
        if self.finished is None:
            self.finished = now
        self.running.clear()

    def apply(self, event: Event, now: float) -> None:
        """Apply one event."""
        if isinstance(event, OperationStarted):
            self.total = event.total or self.total
        elif isinstance(event, StepStarted):
            label = f"{event.service}/{event.logical_id}  {type_name(event.type)}"
            self.running[event.step] = RunningStep(label, doing(event.action), now)
        elif isinstance(event, StepWaiting):
            if event.step in self.running:
                step = self.running[event.step]
                step.waiting, step.until = event.reason, now + event.seconds if event.seconds else 0.0
        elif isinstance(event, StepFinished | StepFailed | StepSkipped):
            self.running.pop(event.step, None)
            self.done += isinstance(event, StepFinished)
            self.failed += isinstance(event, StepFailed)
            self.skipped += isinstance(event, StepSkipped)
        line = event_line(event)
        if line is not None and not isinstance(event, OperationStarted):
            self.note(line, self._style(event))
            self._explain(event)

    def _style(self, event: Event) -> str:
        if isinstance(event, _BAD) or (isinstance(event, ServiceFinished) and event.error):
            return "bad"
        if isinstance(event, OperationFinished):
            return "bad" if event.failed or event.stopped else "good"
        return "dim" if isinstance(event, Note | StepSkipped) else ""

    def _explain(self, event: Event) -> None:
        error = event.error if isinstance(event, StepFailed | ServiceFinished | ServiceUnreadable) else ()
        for line in error[1:]:
            self.note(f"          {line}", "bad")

    def headline(self, now: float) -> str:
        """Format the counts as `7/11 · 12s · 1 failed`."""
        seconds = duration((self.finished if self.finished is not None else now) - self.started)
        parts = [f"{self.done + self.failed + self.skipped}/{self.total}", seconds]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.skipped} skipped"] if self.skipped else []
        parts += [self.stopping] if self.stopping and self.active else []
        return " · ".join(parts)

    @property
    def fraction(self) -> float:
        """The part of the steps that has ended, between 0 and 1."""
        return min(1.0, (self.done + self.failed + self.skipped) / self.total) if self.total else 0.0
