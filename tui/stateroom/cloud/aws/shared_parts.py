"""Parts of a resource that another resource of the same state stands for: inline and managed policies of a role.

A role's reading lists every policy on it. Those that an AWS::IAM::Policy, RolePolicy or ManagedPolicy puts there are
that resource's: neither drift of the role, nor taken away with a change of the role's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from stateroom.cloud.provider import Reading, ReadRequest
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_ROLE: Final = "AWS::IAM::Role"


def without_shared(requests: Sequence[ReadRequest], readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield readings of which roles list only what no other requested resource stands for."""
    roles = {request.key for request in requests if request.type == _ROLE}
    shared = set(_shared(requests)) if roles else set()
    for reading in readings:
        live = reading.live
        yield replace(reading, live=_without(live, shared)) if live and shared and reading.key in roles else reading


def as_baseline(type_: str, live: Live, inputs: Properties) -> Live:
    """Return a first reading after a write: of a role's policies only those that were asked for."""
    if type_ != _ROLE:
        return live
    declared = {item.get("PolicyName") for item in reveal(inputs.get("Policies")) or ()}
    declared |= set(reveal(inputs.get("ManagedPolicyArns")) or ())
    there = {name for name in _names(live.properties) if name not in declared}
    return _without(live, {(live.physical_id, name) for name in there}) if there else live


def _shared(requests: Iterable[ReadRequest]) -> Iterator[tuple[str, str]]:
    """Yield (role, policy's name or ARN) of what other resources put on roles."""
    for request in requests:
        inputs: Any = reveal(request.inputs)
        if request.type == "AWS::IAM::Policy":
            yield from ((str(role), str(inputs.get("PolicyName"))) for role in inputs.get("Roles") or ())
        elif request.type == "AWS::IAM::RolePolicy":
            yield str(inputs.get("RoleName")), str(inputs.get("PolicyName"))
        elif request.type == "AWS::IAM::ManagedPolicy":
            yield from ((str(role), request.physical_id) for role in inputs.get("Roles") or ())


def _names(properties: Properties) -> Iterator[str]:
    yield from (str(item["PolicyName"]) for item in properties.get("Policies") or ())
    yield from (str(item) for item in properties.get("ManagedPolicyArns") or ())


def _without(live: Live, shared: set[tuple[str, str]]) -> Live:
    mine = {name for role, name in shared if role == live.physical_id}
    properties = dict(live.properties)
    lists = {
        "Policies": [item for item in properties.get("Policies") or () if item["PolicyName"] not in mine],
        "ManagedPolicyArns": [item for item in properties.get("ManagedPolicyArns") or () if item not in mine],
    }
    for name, kept in lists.items():
        properties.pop(name, None)
        if kept:
            properties[name] = kept
    return replace(live, properties=properties)
