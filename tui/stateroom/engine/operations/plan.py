"""Plan an operation on a project: each service's part by its own deployer, in dependency order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from stateroom.cloud.provider import Provider
from stateroom.config.compile_options import Watch
from stateroom.engine.deployers.deployer import Deployer, PlannedOperation
from stateroom.engine.opening.guards import check_region
from stateroom.engine.opening.state_loading import NO_STATE
from stateroom.engine.operations.refused import refused_service
from stateroom.engine.planning.imports.targets import with_addresses
from stateroom.engine.planning.targets import refuse_unknown, requested_services
from stateroom.engine.requests import Emit, Request
from stateroom.engine.workspace import Workspace
from stateroom.errors import ConfigError, KnownLaterError, StateroomError, TrustError, UsageError
from stateroom.model.events import ServiceWorking
from stateroom.model.plan import BootstrapPart, DeferredService, Operation, Plan, ServicePlan
from stateroom.model.values import Value, contains_secret
from stateroom.state.home import FirstWrite

Parts: TypeAlias = tuple[BootstrapPart, ...]


def plan_operation(
    workspace: Workspace,
    deployer: Callable[[str], Deployer],
    request: Request,
    emit: Emit,
    cancelled: Callable[[], bool],
) -> Plan:
    """Plan a request. Reads the cloud where the operation needs it; changes nothing.

    Args:
        workspace: the project.
        deployer: opens the deployer of a service.
        request: the operation.
        emit: told of what is slow, as ServiceWorking.
        cancelled: whether nobody wants the plan any more.

    Raises:
        UsageError: a service, target or version is named that does not exist.
        StateroomError: config or state cannot be read, or the cloud cannot be asked.
    """
    if request.operation is Operation.IMPORT:
        request = with_addresses(workspace, request)
    services = requested_services(workspace, request)
    if request.operation is Operation.ROLLBACK and len(services) != 1:
        raise UsageError(
            "rollback is for one service at a time",
            why="each service counts its own versions",
            todo=f"add --service: one of {', '.join(services)}",
        )
    _ask_identity(workspace, services)
    checking = _check_home(workspace)
    plans, warnings, deferred = _plan_services(workspace, deployer, request, services, emit, cancelled)
    refuse_unknown(workspace, request, plans)
    ordered = tuple(reversed(plans) if request.operation is Operation.REMOVE else plans)
    plan = Plan(request.operation, ordered, tuple(dict.fromkeys(warnings)), request.version)
    plan = replace(plan, targets=request.targets, attributes=request.attributes)
    plan = replace(plan, project_services=len(workspace.project.services), deferred=deferred)
    return replace(plan, bootstrap=_bootstrap(workspace, plan, checking))


def _plan_services(
    workspace: Workspace,
    deployer: Callable[[str], Deployer],
    request: Request,
    services: tuple[str, ...],
    emit: Emit,
    cancelled: Callable[[], bool],
) -> tuple[list[ServicePlan], list[str], tuple[DeferredService, ...]]:
    """Plan each service with the outputs of those before it; returns plans, warnings, and what is planned later."""
    warnings: list[str] = []
    plans: list[ServicePlan] = []
    outputs: dict[str, Mapping[str, Value]] = {}
    deferred: dict[str, DeferredService] = {}
    for name in workspace.project.services:
        if name in services:
            if later := _deferred_with(name, workspace.dependencies(name), deferred):
                deferred[name] = later
                continue
            try:
                planned = deployer(name).plan(request, dict(outputs), _watch(name, emit, cancelled))
            except KnownLaterError as error:
                deferred[name] = _deferred(name, error, plans)
                continue
            except ConfigError as error:
                if len(services) == 1 or isinstance(error, TrustError) or cancelled():
                    raise
                planned = PlannedOperation(refused_service(name, workspace.stage_of(name), error))
            order = _waits_for(workspace, name, services, request.operation)
            plans.append(replace(planned.plan, waits_for=order))
            warnings += planned.warnings
            outputs[name] = planned.plan.outputs or {}
        elif any(name in workspace.dependencies(service) for service in services):
            column = deployer(name).state()
            if column.exists:
                check_region(name, column.region, workspace.region(name))
                outputs[name] = column.snapshot.outputs
    return plans, warnings, tuple(deferred.values())


def _deferred(service: str, error: KnownLaterError, plans: Sequence[ServicePlan]) -> DeferredService:
    """Put a service off until those have run that tell what it needs. Raises the error if none of them will."""
    if not all(any(plan.service == name and not plan.empty for plan in plans) for name in error.services):
        raise error
    return DeferredService(service, error.services, error.why)


def _deferred_with(
    service: str, dependencies: Sequence[str], deferred: Mapping[str, DeferredService]
) -> DeferredService | None:
    """Put a service off that is to be deployed after one that is put off."""
    after = tuple(name for name in dependencies if name in deferred)
    return DeferredService(service, after, f"it is deployed after {', '.join(after)}") if after else None


def _bootstrap(
    workspace: Workspace, plan: Plan, checking: Future[tuple[BootstrapPart, ...]]
) -> tuple[BootstrapPart, ...]:
    """Return what a run of the plan makes of the home first.

    Raises:
        StateError: the home cannot be written to: its bucket is missing, or keeps no versions.
    """
    if plan.empty:
        return ()
    first = [item for item in plan.services if item.base == NO_STATE and not item.empty]
    if not first:
        return checking.result()
    packages = any(item.target is not None and item.target.artifacts for item in first)
    secret = (item.service for item in first if any(contains_secret(step.inputs) for step in item.steps))
    return tuple(workspace.home.unmade(FirstWrite(packages, tuple(map(workspace.place, secret)))))


def _check_home(workspace: Workspace) -> Future[Parts]:
    """Start to check that the home can be written to, while states and clouds are read."""
    checking: Future[Parts] = Future()

    def check() -> None:
        try:
            checking.set_result(tuple(workspace.home.unmade(FirstWrite())))
        except Exception as error:
            checking.set_exception(error)

    threading.Thread(target=check, name="home", daemon=True).start()
    return checking


def _watch(service: str, emit: Emit, cancelled: Callable[[], bool]) -> Watch:
    return Watch(lambda text: emit(ServiceWorking(service, text)), cancelled)


def _ask_identity(workspace: Workspace, services: tuple[str, ...]) -> None:
    """Start the identity call that every plan needs, while files are read.

    Later callers wait for this call, and get its error.
    """

    def ask(provider: Provider) -> None:
        with suppress(StateroomError):
            provider.identity()

    for provider in {id(item): item for item in map(workspace.provider, services)}.values():
        threading.Thread(target=ask, args=(provider,), name="identity", daemon=True).start()


def _waits_for(workspace: Workspace, name: str, services: tuple[str, ...], operation: Operation) -> tuple[str, ...]:
    """Services that must be done before: those it depends on, and for a remove those that depend on it."""
    if operation is Operation.REMOVE:
        return tuple(other for other in services if name in workspace.dependencies(other))
    return tuple(other for other in workspace.dependencies(name) if other in services)
