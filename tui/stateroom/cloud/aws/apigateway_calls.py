"""What the handlers of REST APIs share: spelling, patches, paging, tags, and patience.

API Gateway spells CloudFormation's properties with a small first letter and changes things by patches, one a value
(API reference, "PatchOperation"). Its limits are narrow (CreateDeployment: one in five seconds), so every write waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients, retry_while
from stateroom.cloud.aws.shapes import to_json
from stateroom.cloud.provider import Task
from stateroom.cloud.schema.facts import ANYTHING, Facts, Node
from stateroom.model.values import Value

T = TypeVar("T")

_BUSY: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("concurrent", "in progress", "try again", "unable to complete operation"),
    "LimitExceededException": ("too many requests",),
    "TooManyRequestsException": (),
}


def retry_conflicts(call: Callable[[], T]) -> Task[T]:
    """Make a call again while API Gateway has no time for it."""
    return retry_while(call, _BUSY, "waiting for API Gateway")


def as_api(value: Value, node: Node, definitions: Mapping[str, Node]) -> Any:
    """A value as the API spells it. `node` describes it (cloud.schema.facts); keys of free maps stay as they are."""
    return _respell(value, node, definitions, lambda key: key, lambda key: key[:1].lower() + key[1:])


def as_cloudformation(value: Any, node: Node, definitions: Mapping[str, Node]) -> Any:
    """The way back; what the schema does not know is left out."""
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
    """All properties of a type as the API spells them."""
    document: dict[str, Any] = as_api(properties, {"o": facts.shape}, facts.definitions)
    return document


def properties_of(answer: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """An answer of the API as a type's properties."""
    properties: dict[str, Any] = as_cloudformation(answer, {"o": facts.shape}, facts.definitions)
    return properties


def patches(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[dict[str, str]]:
    """Operations that make `after` of `before`, both as the API spells them; None in `after`: removed.

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


def pointer_part(part: object) -> str:
    """One part of a patch's path (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def as_text(value: Value) -> str:
    """A value as patches carry it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value)


def list_items(api: Any, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Everything that one of the `get_…s` operations lists, over all its pages."""
    position: dict[str, str] = {}
    while True:
        page = getattr(api, operation)(limit=500, **arguments, **position)
        yield from page.get("items") or ()
        if not page.get("position"):
            return
        position = {"position": page["position"]}


def write_tags(clients: Clients, path: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Bring the tags of the object at an API path (`/restapis/abc`) from `current` to `wanted`."""
    api, here = clients("apigateway"), clients.identity()
    arn = f"arn:{here.partition}:apigateway:{here.region}::{path}"
    to_set, to_remove = tags.difference(current, wanted)
    if to_set:
        api.tag_resource(resourceArn=arn, tags=to_set)
    if to_remove:
        api.untag_resource(resourceArn=arn, tagKeys=list(to_remove))
