"""Carries out a plan: services as soon as those they wait for are done, each in its own run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from stateroom.engine.execution.service import ServiceExecutor, ServiceResult, Tools
from stateroom.engine.requests import Control, Emit, Outcome
from stateroom.errors import PlanError, ReadOnlyError, StateroomError
from stateroom.model.events import Note, OperationFinished, OperationStarted, ServiceFinished, StepSkipped
from stateroom.model.plan import Plan, ServicePlan
from stateroom.model.values import Value

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace


def refuse_read_only(workspace: Workspace) -> None:
    """Raises ReadOnlyError when the workspace may not change anything."""
    if workspace.options.read_only:
        raise ReadOnlyError(
            "stateroom runs read-only",
            why="--read-only was given",
            todo="start it without --read-only to change something",
        )


def execute(
    workspace: Workspace,
    plan: Plan,
    emit: Emit,
    control: Control,
    *,
    undo_on_failure: bool,
    wait_for_lock: float,
) -> Outcome:
    """Run every service of the plan that has something to do.

    Raises:
        ReadOnlyError: nothing may be changed.
        PlanError: the plan is for other stages.
    """
    refuse_read_only(workspace)
    for item in plan.services:
        stage = workspace.stage_of(item.service)
        if item.stage != stage:
            raise PlanError(
                f"the plan is for {item.service} on stage {item.stage}",
                why=f"the workspace is open on {stage}",
                todo="plan again",
            )
    run = _Run(workspace, plan, emit, control, undo_on_failure, wait_for_lock)
    with workspace.home.patience.working(lambda text: emit(Note("", text))):
        return run.outcome()


class _Run:
    """The services of one plan on their way."""

    def __init__(
        self,
        workspace: Workspace,
        plan: Plan,
        emit: Emit,
        control: Control,
        undo_on_failure: bool,
        wait_for_lock: float,
    ) -> None:
        self._workspace = workspace
        self._plan = plan
        self._emit = emit
        self._control = control
        self._undo_on_failure = undo_on_failure
        self._wait_for_lock = wait_for_lock
        self._todo = {item.service: item for item in plan.services}
        self._results: dict[str, ServiceResult] = {}

    def outcome(self) -> Outcome:
        """Run to the end and add up."""
        started = time.monotonic()
        total = sum(len(item.steps) for item in self._plan.services)
        self._emit(OperationStarted(self._plan.operation, self._plan.stage, total))
        pool = ThreadPoolExecutor(self._workspace.options.threads, "api")
        at_once = self._workspace.options.max_concurrency or len(self._todo)
        with ThreadPoolExecutor(max(1, at_once), "service") as runs:
            self._run_services(pool, runs)
        # Whoever stopped twice does not want to wait for an answer that may never come; its intent is in the journal.
        pool.shutdown(wait=not self._control.aborting, cancel_futures=True)
        results = self._results.values()
        outcome = Outcome(
            done=sum(item.done for item in results),
            failed=sum(item.failed for item in results),
            skipped=sum(item.skipped for item in results),
            stopped=self._control.stopping,
            errors=tuple(error for item in results for error in item.errors),
            outputs={item.service: item.outputs for item in results},
        )
        self._emit(
            OperationFinished(
                self._plan.operation,
                outcome.done,
                outcome.failed,
                outcome.skipped,
                time.monotonic() - started,
                outcome.stopped,
            )
        )
        return outcome

    def _run_services(self, pool: ThreadPoolExecutor, runs: ThreadPoolExecutor) -> None:
        running: dict[Future[ServiceResult], str] = {}
        while self._todo or running:
            for name, item in list(self._todo.items()):
                blockers = [other for other in item.waits_for if other in self._todo or other in running.values()]
                if blockers:
                    continue
                del self._todo[name]
                failed = [other for other in item.waits_for if not self._ok(other)]
                if failed:
                    self._skip(item, f"{failed[0]} did not finish")
                elif not item.steps and not item.outputs_change:
                    self._results[name] = ServiceResult(name, outputs=dict(item.outputs or {}))
                else:
                    running[runs.submit(self._run_one, item, pool)] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
            for future in done:
                name = running.pop(future)
                self._results[name] = future.result()

    def _ok(self, service: str) -> bool:
        result = self._results.get(service)
        return result is None or result.ok

    def _skip(self, item: ServicePlan, reason: str) -> None:
        for step in item.steps:
            self._emit(StepSkipped(step.service, step.id, step.logical_id, reason))
        self._results[item.service] = ServiceResult(
            item.service, skipped=len(item.steps), errors=[(item.service, (f"{item.service} was skipped", reason))]
        )
        self._emit(ServiceFinished(item.service, 0, 0, len(item.steps), 0.0, (f"skipped: {reason}",)))

    def _run_one(self, item: ServicePlan, pool: ThreadPoolExecutor) -> ServiceResult:
        try:
            return ServiceExecutor(item, self._plan.operation, self._tools(item, pool), self._outputs(item)).run()
        except StateroomError as error:
            return ServiceResult(item.service, errors=[(item.service, error.lines())])

    def _tools(self, item: ServicePlan, pool: ThreadPoolExecutor) -> Tools:
        workspace = self._workspace
        return Tools(
            home=workspace.home,
            provider=workspace.provider(item.service),
            identity=workspace.identity(item.service),
            stages=workspace.project.stages,
            pool=pool,
            emit=self._emit,
            control=self._control,
            command=self._plan.operation.value,
            look_up=workspace.look_up(item.service),
            undo_on_failure=self._undo_on_failure,
            wait_for_lock=self._wait_for_lock,
        )

    def _outputs(self, item: ServicePlan) -> dict[str, Mapping[str, Value]]:
        """Outputs of the services that this one depends on: just deployed, or as their state has them."""
        outputs: dict[str, Mapping[str, Value]] = {}
        for name in self._workspace.dependencies(item.service):
            result = self._results.get(name)
            if result is not None and result.outputs:
                outputs[name] = result.outputs
            else:
                column = self._workspace.state(name)
                if column.exists:
                    outputs[name] = column.snapshot.outputs
        return outputs
