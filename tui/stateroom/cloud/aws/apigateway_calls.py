"""REST API helpers: property spelling, patches, paging, tags and retries of throttled writes.

API Gateway spells CloudFormation's properties with a small first letter and changes things by patches, one a value
(API reference, "PatchOperation"). Its limits are narrow (CreateDeployment: one in five seconds), so every write waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any, Final, TypeVar

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients, next_token, retry_while
from stateroom.cloud.aws.shapes import to_json
from stateroom.cloud.provider import Task
from stateroom.cloud.schema.facts import ANYTHING, Facts, Node
from stateroom.model.values import Value

T = TypeVar("T")

BUSY: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("concurrent", "in progress", "try again", "unable to complete operation"),
    "LimitExceededException": ("too many requests",),
    "TooManyRequestsException": (),
}


def retry_conflicts(call: Callable[[], T]) -> Task[T]:
    """Retry a call while API Gateway throttles it."""
    return retry_while(call, BUSY, "waiting for API Gateway")


def as_api(value: Value, node: Node, definitions: Mapping[str, Node]) -> Any:
    """Convert a value to the API's spelling.

    `node` describes it (cloud.schema.facts); keys of free maps stay as they are.
    """
    return _respell(value, node, definitions, lambda key: key, lambda key: key[:1].lower() + key[1:])


def as_cloudformation(value: Any, node: Node, definitions: Mapping[str, Node]) -> Any:
    """Convert an API value to CloudFormation's spelling; members unknown to the schema are dropped."""
    upper = lambda key: key[:1].upper() + key[1:]  # noqa: E731
    return _respell(value, node, definitions, upper, upper)


def _respell(
    value: Any,
    node: Node,
    definitions: Mapping[str, Node],
    member: Callable[[str], str],
    spell: Callable[[str], str],
) -> Any:
    while isinstance(node, Mapping) and "r" in node:
        node = definitions[node["r"]]
    if isinstance(value, Mapping) and isinstance(node, Mapping) and "o" in node:
        members = node["o"]
        return {
            spell(key): _respell(item, members[member(key)], definitions, member, spell)
            for key, item in value.items()
            if member(key) in members
        }
    if isinstance(value, Mapping) and isinstance(node, Mapping) and "m" in node:
        return {key: _respell(item, node["m"], definitions, member, spell) for key, item in value.items()}
    if isinstance(value, list | tuple) and isinstance(node, Mapping):
        inner = node.get("l", node.get("u", ANYTHING))
        return [_respell(item, inner, definitions, member, spell) for item in value]
    return value


def api_document(properties: Mapping[str, Value], facts: Facts) -> dict[str, Any]:
    """Return all properties of a type in the API's spelling."""
    document: dict[str, Any] = as_api(properties, {"o": facts.shape}, facts.definitions)
    return document


def properties_of(answer: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Convert an API answer to a type's properties."""
    properties: dict[str, Any] = as_cloudformation(answer, {"o": facts.shape}, facts.definitions)
    return properties


def patches(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[dict[str, str]]:
    """Return patch operations from `before` to `after`, in the API's spelling; None in `after`: removed.

    Maps are patched key by key, lists of texts item by item.
    """
    operations: list[dict[str, str]] = []
    for name, new in after.items():
        old, here = before.get(name), f"{path}/{pointer_part(name)}"
        if old == new or (not old and new is None):
            continue
        if isinstance(new, Mapping):
            members = old if isinstance(old, Mapping) else {}
            operations += patches(members, dict.fromkeys(members) | dict(new), here)
        elif isinstance(new, list):
            items = old if isinstance(old, list) else []
            operations += [
                {"op": "remove", "path": f"{here}/{pointer_part(item)}"} for item in items if item not in new
            ]
            operations += [{"op": "add", "path": f"{here}/{pointer_part(item)}"} for item in new if item not in items]
        elif new is None:
            operations.append({"op": "remove", "path": here})
        else:
            operations.append({"op": "replace", "path": here, "value": as_text(new)})
    return operations


def endpoint_patches(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return patches for the endpoint type: there is one, which is part of the patch's path."""
    here, operations = "/endpointConfiguration", []
    old, new = (before.get("types") or ["EDGE"])[0], (after.get("types") or ["EDGE"])[0]
    if old != new:
        operations.append({"op": "replace", "path": f"{here}/types/{pointer_part(old)}", "value": str(new)})
    ip = after.get("ipAddressType")
    if ip and ip != before.get("ipAddressType"):
        operations.append({"op": "replace", "path": f"{here}/ipAddressType", "value": str(ip)})
    for verb, some, others in (("remove", before, after), ("add", after, before)):
        operations += [
            {"op": verb, "path": f"{here}/vpcEndpointIds", "value": str(item)}
            for item in some.get("vpcEndpointIds") or ()
            if item not in (others.get("vpcEndpointIds") or ())
        ]
    return operations


def pointer_part(part: object) -> str:
    """Escape one part of a patch's path (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def as_text(value: Value) -> str:
    """Return a value as text, as patches require it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value)


def list_items(api: Any, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield every item of a `get_…s` operation, over all its pages."""
    position = ""
    while True:
        page = getattr(api, operation)(limit=500, **arguments, **({"position": position} if position else {}))
        yield from page.get("items") or ()
        position = next_token(page, "position", position)
        if not position:
            return


def write_tags(
    clients: Clients, path: str, current: Mapping[str, str], wanted: Mapping[str, str], known: Set[str]
) -> None:
    """Change the tags of the object at an API path (`/restapis/abc`) from `current` to `wanted` (tags.difference)."""
    api, here = clients("apigateway"), clients.identity()
    arn = f"arn:{here.partition}:apigateway:{here.region}::{path}"
    to_set, to_remove = tags.difference(current, wanted, known)
    if to_set:
        api.tag_resource(resourceArn=arn, tags=to_set)
    if to_remove:
        api.untag_resource(resourceArn=arn, tagKeys=list(to_remove))
