"""Execute a plan: each service as soon as those that it waits for are done, by its own deployer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from stateroom.cloud.budgets.telling import Refusals, heard_everywhere
from stateroom.engine.deployers.deployer import Deployer
from stateroom.engine.execution.run_options import RunOptions, ServiceResult
from stateroom.engine.opening.guards import refuse_read_only
from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.engine.requests import Control, Emit, Outcome
from stateroom.engine.workspace import Workspace
from stateroom.errors import PlanError, StateroomError
from stateroom.model.events import Note, OperationFinished, OperationStarted, ServiceFinished, StepSkipped
from stateroom.model.plan import Plan, ServicePlan
from stateroom.model.values import Value


def execute_operation(
    workspace: Workspace,
    deployer: Callable[[str], Deployer],
    plan: Plan,
    emit: Emit,
    control: Control,
    *,
    undo_on_failure: bool,
    wait_for_lock: float,
) -> Outcome:
    """Execute every service of the plan that has steps.

    Raises:
        ReadOnlyError: nothing may be changed.
        PlanError: the plan is a dry run's, is for other stages, or some of it belongs to somebody else.
    """
    refuse_read_only(read_only=workspace.options.read_only)
    if plan.refused:
        raise refusal_of(plan)
    for item in plan.services:
        if item.target is not None and item.target.not_built:
            raise PlanError(f"the plan of {item.service} was made to be read only", why=item.target.not_built)
        stage = workspace.stage_of(item.service)
        if item.stage != stage:
            raise PlanError(
                f"the plan is for {item.service} on stage {item.stage}",
                why=f"the workspace is open on {stage}",
                todo="plan again",
            )
    started = time.monotonic()
    emit(OperationStarted(plan.operation, plan.stage, sum(len(item.steps) for item in plan.services)))
    pool = ThreadPoolExecutor(workspace.options.threads, "api")
    run = RunOptions(plan.operation, pool, emit, control, undo_on_failure, wait_for_lock)
    refusals = Refusals()
    with workspace.home.patience.working(lambda text: emit(Note("", text))), heard_everywhere(refusals.hear):
        results = _ProjectRun(workspace, deployer, plan, run).run_services()
        # Whoever stopped twice does not want to wait for an answer that may never come; its intent is in the journal.
        pool.shutdown(wait=not control.aborting, cancel_futures=True)
    outcome = _outcome(results, stopped=control.stopping)
    seconds = time.monotonic() - started
    if text := refusals.text():
        emit(Note("", text))
    emit(
        OperationFinished(plan.operation, outcome.done, outcome.failed, outcome.skipped, seconds, outcome.stopped),
    )
    return outcome


def _outcome(results: Mapping[str, ServiceResult], *, stopped: bool) -> Outcome:
    items = tuple(results.values())
    return Outcome(
        done=sum(item.done for item in items),
        failed=sum(item.failed for item in items),
        skipped=sum(item.skipped + len(item.held) for item in items),
        held=sum(len(item.held) for item in items),
        lasting=sum(item.lasting for item in items),
        stopped=stopped,
        errors=tuple(error for item in items for error in (*item.errors, *item.held, *item.unresolved)),
        outputs={item.service: item.outputs for item in items},
        endpoints={item.service: item.endpoints for item in items if item.endpoints},
    )


class _ProjectRun:
    """Services of one plan while they run."""

    def __init__(self, workspace: Workspace, deployer: Callable[[str], Deployer], plan: Plan, run: RunOptions) -> None:
        self._workspace = workspace
        self._deployer = deployer
        self._run = run
        self._todo = {item.service: item for item in plan.services}
        self._results: dict[str, ServiceResult] = {}

    def run_services(self) -> Mapping[str, ServiceResult]:
        """Run to the end; results by service, in the order in which they ended."""
        at_once = self._workspace.options.max_concurrency or len(self._todo)
        running: dict[Future[ServiceResult], str] = {}
        with ThreadPoolExecutor(max(1, at_once), "service") as runs:
            while self._todo or running:
                for item in self._ready(running.values()):
                    running[runs.submit(self._run_one, item)] = item.service
                done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
                for future in done:
                    self._results[running.pop(future)] = future.result()
        return self._results

    def _ready(self, running: Collection[str]) -> list[ServicePlan]:
        """Take out what can start now; what has nothing to do, or cannot start any more, has its result at once."""
        ready: list[ServicePlan] = []
        for name, item in list(self._todo.items()):
            started = {*running, *(other.service for other in ready)}
            if any(other in self._todo or other in started for other in item.waits_for):
                continue
            del self._todo[name]
            failed = [other for other in item.waits_for if not self._ok(other)]
            if failed:
                self._skip(item, f"{failed[0]} did not finish")
            elif item.empty:
                outputs, unresolved = dict(item.outputs or {}), list(item.unresolved)
                self._results[name] = ServiceResult(name, outputs=outputs, unresolved=unresolved)
            else:
                ready.append(item)
        return ready

    def _ok(self, service: str) -> bool:
        result = self._results.get(service)
        return result is None or result.ok

    def _skip(self, item: ServicePlan, reason: str) -> None:
        for step in item.steps:
            self._run.emit(StepSkipped(step.service, step.id, step.logical_id, reason))
        self._results[item.service] = ServiceResult(
            item.service, skipped=len(item.steps), errors=[(item.service, (f"{item.service} was skipped", reason))]
        )
        self._run.emit(ServiceFinished(item.service, 0, 0, len(item.steps), 0.0, (f"skipped: {reason}",)))

    def _run_one(self, item: ServicePlan) -> ServiceResult:
        try:
            return self._deployer(item.service).run(item, self._outputs(item), self._run)
        except StateroomError as error:
            result = ServiceResult(item.service)
            result.note_error(item.service, error)
            return result

    def _outputs(self, item: ServicePlan) -> dict[str, Mapping[str, Value]]:
        """Return the outputs of dependency services: just deployed, or as recorded in their states."""
        outputs: dict[str, Mapping[str, Value]] = {}
        for name in self._workspace.dependencies(item.service):
            result = self._results.get(name)
            if result is not None and result.outputs:
                outputs[name] = result.outputs
                continue
            column = self._deployer(name).state()
            if column.exists:
                outputs[name] = column.snapshot.outputs
        return outputs
