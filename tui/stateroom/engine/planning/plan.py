"""Plan any operation: choose its target and the records to start from.

deploy targets the config, rollback an older version, heal the state itself, remove an empty target; refresh and accept
change only the state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from stateroom.cloud.provider import Provider
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.guards import check_region
from stateroom.engine.planning import deploy, state_operations
from stateroom.engine.planning.context import PlanningContext, open_context
from stateroom.engine.planning.targets import chosen_services
from stateroom.engine.requests import Emit, Request
from stateroom.errors import StateroomError, UsageError
from stateroom.model.events import ServiceWorking
from stateroom.model.plan import Operation, Plan, ServicePlan
from stateroom.model.values import Value

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace


def plan(workspace: Workspace, request: Request, emit: Emit, cancelled: Callable[[], bool]) -> Plan:
    """Return the plan for a request. Reads the cloud where needed; changes nothing.

    Emits ServiceWorking when a config has to wait for something slow.

    Raises:
        UsageError: a service, target or version is named that does not exist.
        StateroomError: config or state cannot be read, or the cloud cannot be asked.
    """
    services = chosen_services(workspace, request)
    if request.operation is Operation.ROLLBACK and len(services) != 1:
        raise UsageError(
            "rollback is for one service at a time",
            why="each service counts its own versions",
            todo=f"add --service: one of {', '.join(services)}",
        )
    _ask_who_we_are(workspace, services)
    warnings: list[str] = []
    plans: list[ServicePlan] = []
    outputs: dict[str, Mapping[str, Value]] = {}
    for name in workspace.project.services:
        if name not in services:
            column = workspace.state(name) if _needed(workspace, name, services) else None
            if column is not None and column.exists:
                check_region(name, column.region, workspace.region(name))
                outputs[name] = column.snapshot.outputs
            continue
        begun = open_context(workspace, request, name, outputs, warnings, _watch(name, emit, cancelled))
        made = _PLANNERS[request.operation](begun)
        recovered = begun.snapshot is not begun.column.snapshot  # then it is stored, even if nothing else is to do
        made = replace(made, outputs_change=made.outputs_change or recovered)
        order = _order(workspace, name, services, request.operation)
        made = replace(made, stage=begun.stage, base=begun.column.token, waits_for=order)
        outputs[name] = made.outputs or {}
        plans.append(made)
    if request.operation is Operation.REMOVE:
        plans.reverse()
    return Plan(request.operation, tuple(plans), tuple(dict.fromkeys(warnings)))


def _watch(service: str, emit: Emit, cancelled: Callable[[], bool]) -> Watch:
    return Watch(lambda text: emit(ServiceWorking(service, text)), cancelled)


def _ask_who_we_are(workspace: Workspace, services: tuple[str, ...]) -> None:
    """Start the identity call that every plan needs, while files are read.

    Later callers wait for this call, and get its error.
    """

    def ask(provider: Provider) -> None:
        with suppress(StateroomError):
            provider.identity()

    for provider in {id(item): item for item in map(workspace.provider, services)}.values():
        threading.Thread(target=ask, args=(provider,), name="identity", daemon=True).start()


def _needed(workspace: Workspace, name: str, services: tuple[str, ...]) -> bool:
    return any(name in workspace.dependencies(service) for service in services)


def _order(workspace: Workspace, name: str, services: tuple[str, ...], operation: Operation) -> tuple[str, ...]:
    if operation is Operation.REMOVE:
        return tuple(other for other in services if name in workspace.dependencies(other))
    return tuple(other for other in workspace.dependencies(name) if other in services)


_PLANNERS: Mapping[Operation, Callable[[PlanningContext], ServicePlan]] = {
    Operation.DEPLOY: deploy.deploy,
    Operation.REFRESH: state_operations.refresh,
    Operation.ACCEPT: state_operations.refresh,
    Operation.HEAL: state_operations.heal,
    Operation.REMOVE: state_operations.remove,
    Operation.ROLLBACK: state_operations.rollback,
}
