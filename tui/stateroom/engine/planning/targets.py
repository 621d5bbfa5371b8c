"""Find the services and resources that a request targets, and limit plans to them.

A target is an address (`orders/OrdersQueue`), or a logical id that only one service has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from stateroom.engine.opening.known_outputs import compile_for_names
from stateroom.engine.requests import Request
from stateroom.engine.workspace import Workspace
from stateroom.errors import ConfigError, UsageError
from stateroom.model.plan import ServicePlan
from stateroom.model.problems.suggestions import did_you_mean
from stateroom.model.resource import Snapshot

_LIST: Final = "stateroom status lists the resources"


def requested_services(workspace: Workspace, request: Request) -> tuple[str, ...]:
    """Return the services of a request, in dependency order.

    Raises:
        UsageError: it names one that does not exist.
    """
    named = {target.partition("/")[0] for target in request.targets if "/" in target}
    for name in (*request.services, *named):
        workspace.check_service(name)
    wanted = set(request.services or workspace.services)
    if request.targets and len(named) == len(request.targets):
        wanted &= named
    return tuple(name for name in workspace.project.services if name in wanted)


def targets_of(workspace: Workspace, request: Request, service: str, snapshot: Snapshot) -> frozenset[str] | None:
    """Return the logical ids of `service` that the request is limited to; None without a limit.

    Raises:
        UsageError: an address of this service names a resource that neither config nor state has.
    """
    if not request.targets:
        return None
    known = _names(workspace, service, snapshot)
    wanted: set[str] = set()
    for target in request.targets:
        owner, _, name = target.rpartition("/")
        if owner and owner != service:
            continue
        if name in known:
            wanted.add(name)
        elif owner:
            raise UsageError(
                f"there is no resource {name} in {service}",
                why="neither its config nor its state has it",
                todo=did_you_mean(name, known) or _LIST,
            )
    return frozenset(wanted)


def refuse_unknown(workspace: Workspace, request: Request, plans: Iterable[ServicePlan]) -> None:
    """Refuse a target without a service that no planned service has, and an adoption that no config wants.

    Raises:
        UsageError: there is no such resource; with the closest name.
    """
    planned = tuple(plans)
    known = frozenset[str]().union(*(plan.targeted for plan in planned))
    for target in request.targets:
        if "/" not in target and target not in known:
            names = (_names(workspace, plan.service, workspace.state(plan.service).known) for plan in planned)
            raise UsageError(
                f"there is no resource {target!r}",
                why="neither a config nor a state has it",
                todo=did_you_mean(target, frozenset[str]().union(*names)) or _LIST,
            )
    if request.adopt:
        _refuse_unknown_adoptions(request, planned)


def _refuse_unknown_adoptions(request: Request, plans: Iterable[ServicePlan]) -> None:
    wanted = [(plan.service, name) for plan in plans if plan.target is not None for name in plan.target.resources]
    known = {*(name for _, name in wanted), *(f"{service}/{name}" for service, name in wanted)}
    for address in request.adopt:
        if address not in known:
            raise UsageError(
                f"there is no resource {address!r} to take over",
                why="no config that is deployed has it",
                todo=did_you_mean(address, known) or "name a resource of the config",
            )


def adopted_targets(addresses: tuple[str, ...], service: str) -> frozenset[str]:
    """Logical ids of `service` among addresses that the user named to be taken over."""
    named = (address.rpartition("/") for address in addresses)
    return frozenset(name for owner, _, name in named if owner in ("", service))


def _names(workspace: Workspace, service: str, snapshot: Snapshot) -> frozenset[str]:
    """Return the logical ids that config and state of a service have, pending ones included."""
    pending = {item.logical_id for item in snapshot.pending}
    return frozenset({*snapshot.by_id(), *pending, *_configured(workspace, service)})


def _configured(workspace: Workspace, service: str) -> frozenset[str]:
    try:
        template = compile_for_names(lambda output: workspace.template(service, install=False, output=output))
        return frozenset(template.resources)
    except ConfigError:
        return frozenset()  # the state still has names, and refresh or remove must work on a broken config


def limit_to_targets(plan: ServicePlan, wanted: frozenset[str] | None) -> ServicePlan:
    """Limit a plan to the wanted logical ids and the steps that they wait for; None: leave it as it is."""
    if wanted is None:
        return plan
    by_id = {step.id: step for step in plan.steps}
    keep: set[str] = set()
    todo = [step.id for step in plan.steps if step.logical_id in wanted]
    while todo:
        name = todo.pop()
        if name not in keep and name in by_id:
            keep.add(name)
            todo.extend(by_id[name].waits_for)
    steps = tuple(
        replace(step, waits_for=tuple(item for item in step.waits_for if item in keep))
        for step in plan.steps
        if step.id in keep
    )
    return replace(plan, steps=steps, skipped=len(plan.steps) - len(steps), outputs_change=False)
