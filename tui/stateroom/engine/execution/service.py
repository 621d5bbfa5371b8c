"""Run one service's part of an operation: lock, recover, run the steps, store the new version.

The order is what keeps a crash harmless: artifacts first, then intents, then API calls, then the state, and the journal
is cleared last. Whatever is cut off in between is found by the next run.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace

from stateroom.engine.execution.base_state import BaseState, load_base, with_place
from stateroom.engine.execution.lock_wait import enter_lock
from stateroom.engine.execution.outputs import RunOutputs, outputs_after
from stateroom.engine.execution.provisions import keep_packages, prepare_secrets
from stateroom.engine.execution.run_options import RunOptions, ServiceResult
from stateroom.engine.execution.scheduler import Tally, run_steps
from stateroom.engine.execution.steps import StepContext
from stateroom.engine.execution.taken_packages import keep_taken_packages
from stateroom.engine.execution.undo import plan_undo
from stateroom.engine.planning.planner import Surroundings
from stateroom.engine.records.endpoints import endpoints_of
from stateroom.engine.records.record_map import by_address, in_dependency_order
from stateroom.engine.records.record_references import RecordReferences
from stateroom.engine.records.recovery import merged, opened, pending_note, settle
from stateroom.errors import PlanError, StateError, StateroomError
from stateroom.model.events import Note, ServiceFinished, ServiceStarted, StateSaved
from stateroom.model.plan import Operation, ServicePlan, Step
from stateroom.model.resource import Snapshot, Template
from stateroom.model.version import UpdateSummary
from stateroom.state.history.journal import Journal
from stateroom.state.home import Home, Update
from stateroom.state.timestamps import rfc3339
from stateroom.state.tools.clearing import clear_past, cleared_text


def run_service(plan: ServicePlan, home: Home, surroundings: Surroundings, run: RunOptions) -> ServiceResult:
    """Run one service's plan. Errors of the service as a whole are in the result, not raised.

    Raises:
        PlanError: the plan has no target.
    """
    if plan.target is None:
        raise PlanError(f"{plan.service}: the plan has no target", todo="plan again")
    started = time.monotonic()
    error: tuple[str, ...] = ()
    running = _ServiceRun(plan, plan.target, home, surroundings, run)
    result = running.result
    try:
        running.run_locked()
    except StateroomError as problem:
        error = problem.lines()
        result.note_error(plan.service, problem)
    error = error or tuple(line for _, lines in result.unresolved for line in lines)
    seconds = time.monotonic() - started
    run.emit(ServiceFinished(result.service, result.done, result.failed, result.skipped, seconds, error))
    return result


class _ServiceRun:
    """One service on its way."""

    def __init__(
        self, plan: ServicePlan, target: Template, home: Home, surroundings: Surroundings, run: RunOptions
    ) -> None:
        self._plan = plan
        self._target = target
        self._home = home
        self._surroundings = surroundings
        self._run = run
        self._command = run.operation.value
        self.result = ServiceResult(plan.service)

    def run_locked(self) -> None:
        """Do everything, under the lock. Raises StateroomError."""
        home, target = self._home, self._target
        with ExitStack() as held:
            packages = held.enter_context(ThreadPoolExecutor(1, "packages")).submit(keep_packages, home, target)
            update = home.begin(target.app, target.stage, self._command)
            try:
                enter_lock(held, home, update, self._plan.service, self._run)
                surroundings = self._surroundings
                base = load_base(self._plan, target, home, surroundings.provider, surroundings.identity, self._note)
                self._run.pool.submit(home.locks.count, target.app, target.stage)  # while the steps run
                if note := prepare_secrets(home, target, self._plan.steps, surroundings.provider):
                    self._note(note)
                packages.result()
            except StateroomError:
                with suppress(StateError):
                    home.withdraw(update)  # nothing has begun
                raise
            base = replace(base, snapshot=self._with_lineage(base.snapshot))
            keep_taken_packages(self._plan.steps, base.snapshot.by_id(), home, surroundings.provider, self._note)
            self._run.emit(ServiceStarted(self._plan.service, len(self._plan.steps)))
            now, tally = self._apply(target, self._plan.steps, base, update)
            if tally.errors and self._run.undo_on_failure and not tally.aborted:
                self._undo(base, now)

    def _with_lineage(self, snapshot: Snapshot) -> Snapshot:
        """Give the state its identity with its first operation; it keeps the one that it has."""
        return snapshot if snapshot.lineage else replace(snapshot, lineage=self._run.new_lineage())

    def _note(self, text: str) -> None:
        self._run.emit(Note(self._plan.service, text))

    def _apply(
        self, target: Template, steps: tuple[Step, ...], base: BaseState, update: Update
    ) -> tuple[BaseState, Tally]:
        context = self._step_context(target, base)
        place = with_place(base.snapshot, self._surroundings.identity)
        journal = self._home.journals.begin(update, base.etag, place, len(steps), settles=True)
        try:
            tally = run_steps(steps, context, journal, self._run)
        except BaseException:
            journal.close()
            raise
        journal.seal()  # its end is written while the state is
        self._count(tally)
        if tally.aborted:
            journal.close()
            return base, tally  # as after a crash: the journal stays, and the next run resolves what is open
        try:
            base = replace(base, snapshot=self._settled(tally, base.snapshot, context, update))
            return self._store(target, context, base, update, tally, journal), tally
        except StateroomError as error:
            with suppress(StateError):
                journal.close()  # it tells the next run what was done
            raise _not_stored(error, len(tally.completed)) from error

    def _step_context(self, target: Template, base: BaseState) -> StepContext:
        records = by_address(base.snapshot.records)
        surroundings = self._surroundings
        references = RecordReferences(
            target.app,
            target.stage,
            surroundings.identity,
            records,
            surroundings.outputs,
            surroundings.stages,
            look_up=surroundings.look_up,
            answered_by=surroundings.provider.answered_by,
        )
        return StepContext(
            surroundings.provider,
            target,
            references,
            records,
            lineage=base.snapshot.lineage,
            home=self._home.mark,
            pending={item.logical_id: item for item in base.snapshot.pending},
        )

    def _settled(self, tally: Tally, snapshot: Snapshot, context: StepContext, update: Update) -> Snapshot:
        """Ask the cloud what failed steps did; what it cannot be asked about is pending in the returned state."""
        failed = opened(tally.unresolved, rfc3339(update.started))
        settled = settle(failed, context.records, snapshot, self._surroundings.provider)
        for note in (*settled.notes, *map(pending_note, settled.pending)):
            self._note(note)
        there = {(record.logical_id, record.physical_id) for record in context.records.values()}
        known = [item for item in snapshot.pending if item.makes or (item.logical_id, item.physical_id) in there]
        return replace(snapshot, pending=merged(tuple(known), settled.pending))

    def _store(
        self, target: Template, context: StepContext, base: BaseState, update: Update, tally: Tally, journal: Journal
    ) -> BaseState:
        home = self._home
        outputs = self._take_outputs(target, context, base.snapshot, tally)
        failures = [(step.logical_id, error.what) for step, error in tally.errors]
        failures += [(step.logical_id, reason) for step, reason in tally.held]
        failures += [(name, error.what) for name, error in outputs.errors]
        summary = UpdateSummary(tally.created, tally.updated, tally.deleted, tuple(failures))
        place = with_place(base.snapshot, self._surroundings.identity)
        snapshot = replace(place, records=in_dependency_order(context.records), outputs=outputs.stored)
        if self._run.operation is Operation.REMOVE and not snapshot.records and not snapshot.pending:
            home.remove_state(target.app, target.stage, expected=base.etag, update=update, summary=summary)
            self._clear(update, journal)
            if self._plan.past is not None:
                self._clear_past(update)
            return BaseState(replace(snapshot, outputs={}), None)
        stored = home.commit(snapshot, expected=base.etag, update=update, summary=summary)
        self.result.endpoints = endpoints_of(stored.snapshot)
        self._clear(update, journal)
        self._run.emit(StateSaved(self._plan.service, stored.number))
        return BaseState(stored.snapshot, stored.etag)

    def _clear(self, update: Update, journal: Journal) -> None:
        """Delete the journal: the state holds all of it, whether or not its end could be written.

        What cannot be deleted now goes with the next operation.
        """
        with suppress(StateError):
            journal.close()
        with suppress(StateError):
            self._home.clear_journal(update.app, update.stage, update.id, journal)

    def _clear_past(self, update: Update) -> None:
        """Clear versions, records and packages; what is left of them is an error, and the next remove's."""
        try:
            self._note(cleared_text(clear_past(self._home, update.app, update.stage, update.id)))
        except StateError as error:
            what = f"the resources are gone; their past could not be cleared: {error.what}"
            lines = (what, *error.lines()[1:], "run remove again: it clears the rest")
            self.result.errors.append((self._plan.service, lines))

    def _take_outputs(self, target: Template, context: StepContext, before: Snapshot, tally: Tally) -> RunOutputs:
        """Resolve the outputs, and take them and what is not resolved into the result."""
        done = {step.logical_id for step in tally.completed}
        undone = {step.logical_id for step in self._plan.steps} - done
        outputs = outputs_after(self._run.operation, target, context.references, before.outputs, undone)
        service = self._plan.service
        self.result.outputs = outputs.values
        self.result.unresolved += [(f"{service}.{name}", error.lines()) for name, error in outputs.errors]
        for text in outputs.notes:
            self._note(text)
        return outputs

    def _undo(self, before: BaseState, now: BaseState) -> None:
        self._note("undoing what was done")
        known = self._surroundings
        surroundings = Surroundings(known.provider, known.identity, known.outputs)
        undo = plan_undo(before, now, self._plan.service, surroundings)
        update = self._home.begin(undo.target.app, undo.target.stage, f"undo {self._command}")
        self._apply(undo.target, undo.steps, undo.base, update)

    def _count(self, tally: Tally) -> None:
        self.result.done += len(tally.completed)
        self.result.failed += len(tally.errors)
        self.result.skipped += tally.skipped
        for step, error in tally.errors:
            self.result.note_error(step.id, error)
        if tally.unnoted:
            self.result.note_error(self._plan.service, tally.unnoted)
        for step, reason in tally.held:
            address = f"{step.service}/{step.logical_id}"
            self.result.held.append((address, (f"{step.logical_id} was left alone", reason)))


def _not_stored(error: StateroomError, done: int) -> StateroomError:
    """Explain a state that could not be stored: what was done, and that nothing of it is lost."""
    if type(error) is not StateError:
        return error  # a conflict or a missing passphrase says more than that
    steps = f"{done} step{'s' if done != 1 else ''}"
    return StateError(
        f"the state could not be stored: {error.what}",
        why=error.why,
        todo=f"{steps} of it {'are' if done != 1 else 'is'} done and not lost: {error.todo or 'mend that'}; "
        "then run the command again, which goes on from there",
    )
