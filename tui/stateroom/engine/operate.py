"""Plan and execute a face's request with the operations that the open cockpit offers: all, or setting a state back."""

from __future__ import annotations

from collections.abc import Callable

from stateroom.engine.requests import (
    Cockpit,
    Control,
    Emit,
    OperatingCockpit,
    Outcome,
    Request,
    StateRollbackCockpit,
)
from stateroom.errors import PlanError, UsageError
from stateroom.model.plan import Operation, Plan
from stateroom.model.version import VersionName


def plan_request(
    cockpit: Cockpit,
    request: Request,
    emit: Emit = lambda _event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """Plan a request on what is open.

    Raises:
        PlanError: the operation is the deploying tool's.
        StateroomError: as OperatingCockpit.plan and StateRollbackCockpit.plan_state_rollback raise.
    """
    if isinstance(cockpit, OperatingCockpit):
        return cockpit.plan(request, emit, cancelled)
    if isinstance(cockpit, StateRollbackCockpit) and request.operation is Operation.ROLLBACK and request.state_only:
        return cockpit.plan_state_rollback(*_rollback_target(cockpit, request))
    raise PlanError(
        f"stateroom does not {request.operation.value} what another tool deployed",
        why=f"{cockpit.info().home} holds states of SST, whose config is a program",
        todo="`stateroom rollback VERSION --state-only` and `stateroom state` change the state;"
        f" `sst {request.operation.value}` does the rest",
    )


def execute_plan(
    cockpit: Cockpit,
    plan: Plan,
    emit: Emit,
    control: Control,
    *,
    undo_on_failure: bool = False,
    wait_for_lock: float = 0.0,
) -> Outcome:
    """Execute a plan of `plan_request`.

    Raises:
        StateroomError: as OperatingCockpit.execute and StateRollbackCockpit.execute_state_rollback raise.
    """
    if isinstance(cockpit, OperatingCockpit):
        return cockpit.execute(plan, emit, control, undo_on_failure=undo_on_failure, wait_for_lock=wait_for_lock)
    if isinstance(cockpit, StateRollbackCockpit):
        return cockpit.execute_state_rollback(plan, emit)  # over in one write: nothing to stop
    raise PlanError("nothing that is open here can be changed", todo="open a project")


def _rollback_target(cockpit: Cockpit, request: Request) -> tuple[str, VersionName]:
    known = cockpit.info().services
    services = request.services or known
    if len(services) != 1 or request.version is None:
        raise UsageError(
            "rollback is for one service and one version", todo=f"add --service: one of {', '.join(known)}"
        )
    return services[0], request.version
