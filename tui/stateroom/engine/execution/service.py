"""One service's part of an operation: lock, recover, run the steps, store the new version.

The order is what keeps a crash harmless: artifacts first, then intents, then API calls, then the state, and the journal
is cleared last. Whatever is cut off in between is found by the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace

from stateroom.cloud.provider import Identity, Provider
from stateroom.config.resources.template import resolve
from stateroom.engine.execution.provisions import keep_packages, prepare_secrets
from stateroom.engine.execution.recovery import recover, resolve_intents
from stateroom.engine.execution.scheduler import StepScheduler, Tally
from stateroom.engine.execution.steps import StepContext
from stateroom.engine.opening.state_loading import load_state
from stateroom.engine.planning.planner import ServicePlanner, Surroundings
from stateroom.engine.planning.record_references import LookUp, RecordReferences
from stateroom.engine.planning.records import by_address, in_dependency_order
from stateroom.engine.planning.snapshot_target import snapshot_target
from stateroom.engine.requests import Control, Emit
from stateroom.errors import LockedError, PlanError, StateError, StateroomError
from stateroom.model.events import Note, ServiceFinished, ServiceStarted, StateSaved
from stateroom.model.plan import Operation, ServicePlan, Step
from stateroom.model.resource import Snapshot, Template
from stateroom.model.values import Value
from stateroom.model.version import UpdateSummary
from stateroom.state.history.journal import Journal
from stateroom.state.home import Home, Update

_LOCK_POLL = 0.25  # seconds between tries while another operation holds the lock


@dataclass(frozen=True, slots=True)
class Tools:
    """What every service of an operation shares."""

    home: Home
    provider: Provider
    identity: Identity | None
    stages: Mapping[str, str]  # of all services
    pool: Executor
    emit: Emit
    control: Control
    command: str
    look_up: LookUp | None = None  # dynamic references
    undo_on_failure: bool = False
    wait_for_lock: float = 0.0  # seconds
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class ServiceResult:
    """How one service ended."""

    service: str
    done: int = 0
    failed: int = 0
    skipped: int = 0
    errors: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # (address, lines)
    outputs: Mapping[str, Value] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Dependents may start."""
        return not self.failed and not self.skipped and not self.errors


@dataclass(frozen=True, slots=True)
class Base:
    """The state that a run starts from, under its lock."""

    snapshot: Snapshot
    etag: str | None


class ServiceExecutor:
    """Runs one ServicePlan. Use once: `ServiceExecutor(…).run()`."""

    def __init__(
        self, plan: ServicePlan, operation: Operation, tools: Tools, outputs: Mapping[str, Mapping[str, Value]]
    ) -> None:
        if plan.target is None:
            raise PlanError(f"{plan.service}: the plan has no target", todo="plan again")
        self._plan = plan
        self._operation = operation
        self._tools = tools
        self._outputs = outputs
        self._target: Template = plan.target
        self._result = ServiceResult(plan.service)

    def run(self) -> ServiceResult:
        """Do it. Errors of the service as a whole are in the result, not raised."""
        started = time.monotonic()
        error: tuple[str, ...] = ()
        try:
            self._run_locked()
        except StateroomError as problem:
            error = problem.lines()
            self._result.errors.append((self._plan.service, error))
        result = self._result
        self._tools.emit(
            ServiceFinished(
                result.service, result.done, result.failed, result.skipped, time.monotonic() - started, error
            )
        )
        return result

    def _run_locked(self) -> None:
        home = self._tools.home
        with ExitStack() as held:
            packages = held.enter_context(ThreadPoolExecutor(1, "packages")).submit(keep_packages, home, self._target)
            update = home.begin(self._target.app, self._target.stage, self._tools.command)
            try:
                self._enter_lock(held, update)
                base = self._base()
                self._tools.pool.submit(home.locks.count, self._target.app, self._target.stage)  # while the steps run
                prepare_secrets(home, self._target, self._plan.steps)
                packages.result()
            except StateroomError:
                home.withdraw(update)  # nothing has begun
                raise
            self._tools.emit(ServiceStarted(self._plan.service, len(self._plan.steps)))
            now, tally = self._apply(self._target, self._plan.steps, base, update)
            if tally.errors and self._tools.undo_on_failure and not tally.aborted:
                self._undo(base, now)

    def _enter_lock(self, held: ExitStack, update: Update) -> None:
        deadline = time.monotonic() + self._tools.wait_for_lock
        told = False
        while True:
            try:
                held.enter_context(self._tools.home.lock(update))
            except LockedError as locked:
                if self._break_abandoned_lock():
                    continue
                if time.monotonic() >= deadline or self._tools.control.stopping:
                    raise
                if not told:
                    self._tools.emit(Note(self._plan.service, f"waiting: {locked.what}"))
                    told = True
                self._tools.sleep(_LOCK_POLL)
            else:
                return

    def _break_abandoned_lock(self) -> bool:
        """A killed process cannot let go of its lock. Its journal says how far it came, so nothing is lost by it."""
        home, app, stage = self._tools.home, self._target.app, self._target.stage
        broken = home.locks.break_abandoned(app, stage)
        if broken is None:
            return home.read_lock(app, stage) is None  # released in the meantime
        self._tools.emit(Note(self._plan.service, f"the lock of a process that no longer runs was broken: {broken}"))
        return True

    def _base(self) -> Base:
        """The state under the lock, what an interrupted operation left taken in and stored first.

        Raises:
            PlanError: the state is not the one that the plan was made from.
        """
        home, app, stage = self._tools.home, self._target.app, self._target.stage
        column = load_state(home, app, stage, even_damaged=self._plan.base.startswith("damaged:"))
        if self._plan.base != column.token:
            raise PlanError(
                f"{self._plan.service}: the state has changed since the plan was made",
                why="another operation finished in between",
                todo="plan again; nothing was changed",
            )
        snapshot, etag, leftover = column.snapshot, column.etag, column.leftover
        if leftover is None:
            return Base(snapshot, etag)
        recovered = recover(snapshot, leftover, self._tools.provider)
        for note in recovered.notes:
            self._tools.emit(Note(self._plan.service, note))
        recovery = home.begin(app, stage, Operation.RECOVER.value)
        ordered = replace(
            self._placed(recovered.snapshot), records=in_dependency_order(by_address(recovered.snapshot.records))
        )
        stored = home.commit(ordered, expected=etag, update=recovery, summary=UpdateSummary())
        home.clear_journal(app, stage, leftover.update_id)
        return Base(stored.snapshot, stored.etag)

    def _apply(self, target: Template, steps: tuple[Step, ...], base: Base, update: Update) -> tuple[Base, Tally]:
        records = by_address(base.snapshot.records)
        tools = self._tools
        references = RecordReferences(
            target.app, target.stage, tools.identity, records, self._outputs, tools.stages, look_up=tools.look_up
        )
        context = StepContext(self._tools.provider, target, references, records)
        place = self._placed(base.snapshot)
        journal = self._tools.home.journal(update, base.etag, account=place.account, region=place.region)
        try:
            tally = StepScheduler(context, journal, self._tools.pool, self._tools.emit, self._tools.control).run(steps)
        except BaseException:
            journal.close()
            raise
        journal.seal()  # its end is written while the state is
        self._count(tally)
        if tally.aborted or not self._resolved(tally, base.snapshot, context):
            journal.close()
            return base, tally  # as after a crash: the journal stays, and the next run resolves what is open
        return self._store(target, context, base, update, tally, journal), tally

    def _resolved(self, tally: Tally, snapshot: Snapshot, context: StepContext) -> bool:
        """Ask the cloud what failed steps really did; False when it cannot be asked now."""
        try:
            notes = resolve_intents(tuple(tally.unresolved), context.records, snapshot, self._tools.provider)
        except StateroomError as error:
            self._tools.emit(Note(self._plan.service, f"cannot tell yet what failed steps did: {error.what}"))
            return False
        for note in notes:
            self._tools.emit(Note(self._plan.service, note))
        return True

    def _store(
        self, target: Template, context: StepContext, base: Base, update: Update, tally: Tally, journal: Journal
    ) -> Base:
        home = self._tools.home
        outputs = self._known_outputs(target, context, base.snapshot)
        self._result.outputs = outputs
        summary = UpdateSummary(
            tally.created,
            tally.updated,
            tally.deleted,
            tuple((step.logical_id, error.what) for step, error in tally.errors),
        )
        snapshot = replace(self._placed(base.snapshot), records=in_dependency_order(context.records), outputs=outputs)
        if self._operation is Operation.REMOVE and not snapshot.records:
            home.remove_state(target.app, target.stage, expected=base.etag, update=update, summary=summary)
            self._clear(update, journal)
            return Base(replace(snapshot, outputs={}), None)
        stored = home.commit(snapshot, expected=base.etag, update=update, summary=summary)
        self._clear(update, journal)
        self._tools.emit(StateSaved(self._plan.service, stored.number))
        return Base(stored.snapshot, stored.etag)

    def _clear(self, update: Update, journal: Journal) -> None:
        """Forget the journal: the state holds all of it, whether or not its end could be written."""
        with suppress(StateError):
            journal.close()
        self._tools.home.clear_journal(update.app, update.stage, update.id, journal)

    def _placed(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the place of this run's calls."""
        identity = self._tools.identity
        return replace(snapshot, account=identity.account, region=identity.region) if identity else snapshot

    def _known_outputs(self, target: Template, context: StepContext, before: Snapshot) -> dict[str, Value]:
        """Outputs that can be told; one whose resource failed keeps the value it had."""
        if self._operation in (Operation.REFRESH, Operation.ACCEPT):
            return dict(before.outputs)
        outputs: dict[str, Value] = {}
        for name, output in target.outputs.items():
            try:
                outputs[name] = resolve(output.value, context.references)
            except PlanError:
                if name in before.outputs:
                    outputs[name] = before.outputs[name]
        return outputs

    def _undo(self, before: Base, now: Base) -> None:
        """The saga backwards: plan from what is to what was, and run that."""
        self._tools.emit(Note(self._plan.service, "undoing what was done"))
        target = snapshot_target(before.snapshot, self._plan.service)
        surroundings = Surroundings(self._tools.provider, self._tools.identity, self._outputs)
        revived = revive_old_copies(now.snapshot)
        plan = ServicePlanner(target, revived.records, surroundings).plan()
        update = self._tools.home.begin(target.app, target.stage, f"undo {self._tools.command}")
        self._apply(target, plan.steps, Base(revived, now.etag), update)

    def _count(self, tally: Tally) -> None:
        self._result.done += len(tally.completed)
        self._result.failed += len(tally.errors)
        self._result.skipped += tally.skipped
        self._result.errors += [(step.id, error.lines()) for step, error in tally.errors]


def revive_old_copies(snapshot: Snapshot) -> Snapshot:
    """Old copies of replacements live again, and their replacements become what is yet to be deleted."""
    old = {record.logical_id for record in snapshot.records if record.condemned}
    records = tuple(
        replace(record, condemned=not record.condemned) if record.logical_id in old else record
        for record in snapshot.records
    )
    return replace(snapshot, records=records)
