"""Find the resource of the config that each object to import becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from stateroom.engine.opening.known_outputs import compile_for_names
from stateroom.engine.planning.targets import requested_services
from stateroom.engine.requests import ImportTarget, Request
from stateroom.engine.workspace import Workspace
from stateroom.errors import UsageError
from stateroom.model.problems.suggestions import did_you_mean
from stateroom.model.resource import Resource


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Resource of a config, and the id that a state has for it ("": none)."""

    address: str
    resource: Resource
    held: str


def with_addresses(workspace: Workspace, request: Request) -> Request:
    """Return an import with an address for each object, limited to the services that they become part of.

    A type stands for the one resource of it that no state has yet; of several, for the one that bears the object's
    name.

    Raises:
        UsageError: no resource of the config can stand for an object, or more than one can.
        ConfigError: a config cannot be compiled.
        StateError, PassphraseError: a state cannot be read.
    """
    wanted = _wanted(workspace, request)
    imports: list[ImportTarget] = []
    for item in request.imports:
        chosen = _by_type(item, wanted, imports) if "::" in item.what else _by_address(item, wanted)
        imports.append(replace(item, what=chosen.address))
    services = tuple(dict.fromkeys(item.what.partition("/")[0] for item in imports))
    return replace(request, services=services, imports=tuple(imports))


def _wanted(workspace: Workspace, request: Request) -> Mapping[str, _Wanted]:
    found: dict[str, _Wanted] = {}
    for service in requested_services(workspace, request):
        compile_ = lambda output, name=service: workspace.template(name, install=False, output=output)  # noqa: E731
        records = workspace.state(service).known.by_id()
        for name, resource in compile_for_names(compile_).resources.items():
            held = records[name].physical_id if name in records else ""
            found[f"{service}/{name}"] = _Wanted(f"{service}/{name}", resource, held)
    return found


def _by_address(item: ImportTarget, wanted: Mapping[str, _Wanted]) -> _Wanted:
    found = [one for address, one in wanted.items() if item.what in (address, address.partition("/")[2])]
    if not found:
        known = {*wanted, *(address.partition("/")[2] for address in wanted)}
        raise UsageError(
            f"no config has a resource {item.what!r}",
            why="what the config does not have would be deleted by the next deploy",
            todo=did_you_mean(item.what, known) or "add it to the config first; stateroom compile lists what is there",
        )
    if len(found) > 1:
        raise _ambiguous(item, found)
    if found[0].held:
        raise UsageError(
            f"{found[0].address} is in the state already",
            why=f"as {found[0].held}",
            todo=f"stateroom state remove {found[0].resource.logical_id} drops it from the state, and keeps it in the"
            " cloud; then import",
        )
    return found[0]


def _by_type(item: ImportTarget, wanted: Mapping[str, _Wanted], taken: Collection[ImportTarget]) -> _Wanted:
    alike = [one for one in wanted.values() if one.resource.type == item.what]
    if not alike:
        types = {one.resource.type for one in wanted.values()}
        raise UsageError(
            f"no config has a resource of type {item.what}",
            why="what the config does not have would be deleted by the next deploy",
            todo=did_you_mean(item.what, types)
            or f"add one to `resources:` that says what {item.physical_id} is to be, then import it",
        )
    gone = {one.what for one in taken}
    free = [one for one in alike if not one.held and one.address not in gone]
    if not free:
        held = ", ".join(f"{one.address} is {one.held}" for one in alike)
        raise UsageError(
            f"every {item.what} of the config is in the state already",
            why=held,
            todo="add another one to the config, or import by an address that `stateroom state remove` has freed",
        )
    named = [one for one in free if _bears_name(one.resource, item.physical_id)]
    if len(named or free) > 1:
        raise _ambiguous(item, named or free)
    return (named or free)[0]


def _bears_name(resource: Resource, physical_id: str) -> bool:
    """Whether the config gives the resource a name that is the id's, or its last part."""
    tail = physical_id.rpartition("/")[2].rpartition(":")[2]
    named = (value for key, value in resource.properties.items() if key.endswith("Name"))
    return any(value in (physical_id, tail) for value in named if isinstance(value, str))


def _ambiguous(item: ImportTarget, found: Collection[_Wanted]) -> UsageError:
    names = ", ".join(one.address for one in found)
    first = next(iter(found)).address
    return UsageError(
        f"{item.what} could be {len(found)} resources of the config",
        why=f"none of them is in a state: {names}",
        todo=f"say which: stateroom import {first} {item.physical_id}",
    )
