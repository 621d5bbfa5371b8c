"""Short form of type schemas, and its reader.

A *node* says what a property may hold, as far as comparing needs it:

    "s" "i" "n" "b"      string, integer, number, boolean
    "j"                  anything; a JSON document, given as an object or as text
    "x"                  the provider computes it: left out of comparisons
    "f"                  a Lambda function, by name or by ARN
    "h"                  text in which case means nothing, such as a header's name
    {"o": {name: node}}  object with known members      {"m": node}   map with free keys
    {"l": node}          list                           {"u": node}   list whose order means nothing
    {"r": name}          whatever the type's definition of that name is
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from stateroom.cloud.provider import TypeSchema

Node: TypeAlias = Any
STRING: Final = "s"
INTEGER: Final = "i"
NUMBER: Final = "n"
BOOLEAN: Final = "b"
ANYTHING: Final = "j"
COMPUTED: Final = "x"
FUNCTION: Final = "f"
CASELESS: Final = "h"


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a type: for the engine, and for comparisons."""

    schema: TypeSchema
    shape: Mapping[str, Node] = field(default_factory=dict)
    definitions: Mapping[str, Node] = field(default_factory=dict)
    tags: str = "Tags"  # the property that holds tags; "" when the type has none
    identifier: tuple[str, ...] = ()  # the properties that identify a resource, in the order of its identifier
    computed_when: Mapping[str, tuple[str, Any]] = field(default_factory=dict)  # property → (property, value)
    readable: tuple[str, ...] = ()  # write-only to CloudFormation, and given back by our reader


def with_node(node: Node, path: list[str], new: Node, definitions: Mapping[str, Node]) -> Node:
    """Return a copy of `node` with `new` at a dotted path.

    `*` stands for list items and map values; unknown paths change nothing.
    """
    if not path:
        return new
    if isinstance(node, str):
        return node
    ((kind, inner),) = node.items()
    if kind == "r":
        return with_node(definitions[inner], path, new, definitions)
    if kind != "o":
        rest = path[1:] if path[0] == "*" else path
        return {kind: with_node(inner, rest, new, definitions)}
    if path[0] not in inner:
        return node
    return {"o": {**inner, path[0]: with_node(inner[path[0]], path[1:], new, definitions)}}
