"""Select the services and resources of a request: `orders/OrdersQueue`, or a unique logical id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateroom.engine.requests import Request
from stateroom.errors import ConfigError, UsageError
from stateroom.model.resource import Snapshot

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace


def chosen_services(workspace: Workspace, request: Request) -> tuple[str, ...]:
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
    known = {*snapshot.by_id(), *_configured(workspace, service)}
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
                todo="stateroom status lists the resources",
            )
    return frozenset(wanted)


def _configured(workspace: Workspace, service: str) -> frozenset[str]:
    try:
        return frozenset(workspace.template(service, install=False).resources)
    except ConfigError:
        return frozenset()  # the state still has names, and refresh or remove must work on a broken config
