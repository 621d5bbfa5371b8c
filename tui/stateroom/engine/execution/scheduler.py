"""Schedule the steps of one service: each starts the moment what it waits for is done.

One thread, the caller's, owns all decisions and all records. Workers of a shared pool make the API calls; a step that
has to wait gives its worker back and is resumed by the clock, so waiting costs no thread.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from stateroom.cloud.budgets.telling import Wait, heard_here
from stateroom.cloud.provider import Identified, Pause, Remark
from stateroom.engine.execution.run_options import RunOptions
from stateroom.engine.execution.step_journal import StepJournal
from stateroom.engine.execution.steps import Effect, Prepared, StepContext
from stateroom.errors import CloudError, StateroomError
from stateroom.model.events import Note, StepFailed, StepFinished, StepSkipped, StepStarted, StepWaiting
from stateroom.model.graph import reversed_graph
from stateroom.model.plan import Action, Step
from stateroom.model.problems.outside_errors import outside_reason
from stateroom.model.version import Intent
from stateroom.state.history.journal import Journal

_NOT_NOTED = "nothing new begins, because the journal cannot be written"
_POLL = 0.2  # seconds between looks at the stop button while nothing arrives

Progressed: TypeAlias = Pause | Remark | Wait | Effect | StateroomError


@dataclass(slots=True)
class Tally:
    """Counts of steps by result."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    skipped: int = 0
    completed: list[Step] = field(default_factory=list)
    errors: list[tuple[Step, StateroomError]] = field(default_factory=list)
    unresolved: list[Intent] = field(default_factory=list)  # of failed steps: what they really did is not known
    held: list[tuple[Step, str]] = field(default_factory=list)  # left alone, and why
    unnoted: StateroomError | None = None  # why the journal could not be written any more
    aborted: bool = False  # stopped without waiting for what ran; its intents stay open

    def count(self, action: Action) -> None:
        """Count a completed step."""
        if action is Action.CREATE:
            self.created += 1  # only what this run made
        elif action in (Action.UPDATE, Action.REPLACE, Action.RECORD, Action.ADOPT, Action.REVERT):
            self.updated += 1
        else:
            self.deleted += 1


def run_steps(
    steps: Sequence[Step],
    context: StepContext,
    journal: Journal,
    run: RunOptions,
    clock: Callable[[], float] = time.monotonic,
) -> Tally:
    """Run steps; returns when each has ended, was skipped, or the user asked twice to stop."""
    return _Scheduler(steps, context, journal, run, clock).run()


class _Scheduler:
    """The steps of one service on their way."""

    def __init__(
        self,
        steps: Sequence[Step],
        context: StepContext,
        journal: Journal,
        run: RunOptions,
        clock: Callable[[], float],
    ) -> None:
        self._context = context
        self._journal = StepJournal(journal)
        self._pool = run.pool
        self._emit = run.emit
        self._control = run.control
        self._clock = clock
        self._results: queue.SimpleQueue[tuple[Prepared, Progressed]] = queue.SimpleQueue()
        self._paused: list[tuple[float, int, Prepared]] = []
        self._order = itertools.count()
        self._running: dict[str, float] = {}  # step id → when it started
        self._identified: dict[str, str] = {}  # step id → physical id of what it is making
        self._steps = {step.id: step for step in steps}
        self._blockers = {step.id: {name for name in step.waits_for if name in self._steps} for step in steps}
        self._dependents = reversed_graph(self._blockers)
        self._ready = [step for step in steps if not self._blockers[step.id]]
        self._tally = Tally()

    def run(self) -> Tally:
        """Run until nothing is left to do."""
        while self._ready or self._running:
            if self._control.stopping:
                self._skip_all("stopped")
            if self._journal.error:
                self._skip_all(_NOT_NOTED)
            if self._control.aborting:
                self._tally.aborted = True
                break
            self._start_ready()
            self._resume_due()
            if self._running:
                self._take_result()
        self._tally.unnoted = self._journal.error
        return self._tally

    def _start_ready(self) -> None:
        ready, self._ready = self._ready, []
        prepared: list[Prepared] = []
        for step in ready:
            if reason := self._context.held_back(step):
                self._hold(step, reason)
                continue
            try:
                prepared.append(self._context.prepare(step))
            except StateroomError as error:
                self._running[step.id] = self._clock()
                self._failed(step, error)
        intents = [item.intent for item in prepared if item.intent is not None]
        if intents and not self._journal.intend(intents):
            self._skip_all(_NOT_NOTED)
            return
        for item in prepared:
            step = item.step
            self._running[step.id] = self._clock()
            self._emit(StepStarted(step.service, step.id, step.logical_id, step.type, step.action))
            self._advance(item)

    def _advance(self, item: Prepared) -> None:
        if item.intent is None and item.step.action is not Action.REVERT:
            self._results.put((item, self._progress(item)))  # no API call: not worth a worker
        else:
            self._pool.submit(lambda: self._results.put((item, self._progress(item))))

    def _progress(self, item: Prepared) -> Progressed:
        """Run the step's task up to its next pause or its end. Called in a worker."""
        with heard_here(lambda wait: self._results.put((item, wait))):
            return self._advanced(item)

    def _advanced(self, item: Prepared) -> Progressed:
        try:
            while True:
                progress = next(item.task)
                if isinstance(progress, Pause):
                    return progress
                if isinstance(progress, Remark):
                    self._results.put((item, progress))
                elif isinstance(progress, Identified):
                    self._identified[item.step.id] = progress.physical_id
                    self._journal.identified(item.step.id, progress.physical_id)
        except StopIteration as stop:
            effect: Effect = stop.value
            return effect
        except StateroomError as error:
            return error
        except Exception as error:
            why, todo = outside_reason(error) or (
                f"{type(error).__name__}: {error}",
                "report this as a bug of stateroom; what is done stays done",
            )
            return CloudError(f"{item.step.logical_id}: {item.step.action} broke off", why=why, todo=todo)

    def _resume_due(self) -> None:
        while self._paused and self._paused[0][0] <= self._clock():
            self._advance(heapq.heappop(self._paused)[2])

    def _take_result(self) -> None:
        wait = _POLL
        if self._paused:
            wait = min(wait, max(0.0, self._paused[0][0] - self._clock()))
        try:
            item, progress = self._results.get(timeout=wait) if wait else self._results.get_nowait()
        except queue.Empty:
            return
        self._handle(item, progress)
        while not self._results.empty():
            self._handle(*self._results.get_nowait())

    def _handle(self, item: Prepared, progress: Progressed) -> None:
        if isinstance(progress, Pause):
            heapq.heappush(self._paused, (self._clock() + progress.seconds, next(self._order), item))
            self._emit(StepWaiting(item.step.service, item.step.id, progress.reason, progress.left))
        elif isinstance(progress, Wait):
            self._emit(StepWaiting(item.step.service, item.step.id, progress.reason, progress.seconds))
        elif isinstance(progress, Remark):
            self._emit(Note(item.step.service, f"{item.step.logical_id}: {progress.text}"))
        elif isinstance(progress, Effect):
            self._finished(item, progress)
        else:
            if item.intent is not None:
                self._close(item.step, item.intent, progress)
            self._failed(item.step, progress)

    def _close(self, step: Step, intent: Intent, error: StateroomError) -> None:
        """Close the intent of a create that made nothing for certain.

        Any other stays open: a call that failed may have made half of the resource, and a lost answer all of it.
        Whoever owns the loop asks the cloud before it closes the journal.
        """
        creates = step.action is Action.CREATE or (step.action is Action.REPLACE and not step.delete_first)
        made_nothing = creates and isinstance(error, CloudError) and error.refused
        if not made_nothing or not self._journal.failed(step.id, error.what):
            physical_id = self._identified.get(step.id, intent.physical_id)
            self._tally.unresolved.append(replace(intent, physical_id=physical_id))

    def _finished(self, item: Prepared, effect: Effect) -> None:
        step = item.step
        self._context.apply(effect)
        if not effect.unchanged or effect.record is not None:
            self._journal.done(step.id, effect.record, effect.removed)
        if effect.unchanged:
            self._tally.unchanged += 1
        else:
            self._tally.count(step.action)
        self._tally.completed.append(step)
        seconds = self._clock() - self._running.pop(step.id)
        who = self._context.provider.answered_by(step.type) if step.action.writes_cloud else ""
        self._emit(StepFinished(step.service, step.id, step.logical_id, step.type, step.action, seconds, who))
        for name in self._dependents[step.id]:
            self._blockers[name].discard(step.id)
            if not self._blockers[name] and name in self._steps:
                self._ready.append(self._steps[name])

    def _failed(self, step: Step, error: StateroomError) -> None:
        seconds = self._clock() - self._running.pop(step.id)
        code = error.code if isinstance(error, CloudError) else ""
        self._tally.errors.append((step, error))
        self._emit(
            StepFailed(step.service, step.id, step.logical_id, step.type, step.action, seconds, error.lines(), code)
        )
        self._skip_dependents(step.id, f"{step.logical_id} failed")

    def _hold(self, step: Step, reason: str) -> None:
        """Leave a step alone, and with it what the plan leaves alone because of it."""
        self._steps.pop(step.id, None)
        self._tally.held.append((step, reason))
        self._emit(StepSkipped(step.service, step.id, step.logical_id, reason))
        self._skip_dependents(step.id, f"{step.logical_id} is left alone")

    def _skip_dependents(self, failed: str, reason: str) -> None:
        todo = list(self._dependents[failed])
        while todo:
            name = todo.pop()
            step = self._steps.pop(name, None)
            if step is not None and step.action is Action.PENDING:
                self._tally.held.append((step, step.reason))
                self._emit(StepSkipped(step.service, step.id, step.logical_id, step.reason))
                todo.extend(self._dependents[name])
            elif step is not None:
                self._tally.skipped += 1
                self._emit(StepSkipped(step.service, step.id, step.logical_id, reason))
                todo.extend(self._dependents[name])

    def _skip_all(self, reason: str) -> None:
        """Skip every step that has not started."""
        started = {*self._running, *(step.id for step in self._tally.completed), *(s.id for s, _ in self._tally.errors)}
        for step in [item for item in self._steps.values() if item.id not in started]:
            del self._steps[step.id]
            self._tally.skipped += 1
            self._emit(StepSkipped(step.service, step.id, step.logical_id, reason))
        self._ready = []
