"""Canonical form of resource properties, so that two sides can be compared with `==`.

Removed differences, each because AWS returns another form with the same meaning: computed attributes, empty against
absent, tag lists against maps (and our own and AWS's tags in them), the order of lists that are sets, JSON given as
text, one-or-many in policies, `"1"` against `1` where the type decides. A `Secret` stays one; values known only after a
deploy stay unknown.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from stateroom.cloud.normalise.policies import canonical_policy, is_policy
from stateroom.cloud.schema.facts import (
    ANYTHING,
    BOOLEAN,
    CASELESS,
    COMPUTED,
    FUNCTION,
    INTEGER,
    NUMBER,
    STRING,
    Facts,
    Node,
)
from stateroom.cloud.schema.habits import IDENTITIES
from stateroom.cloud.tags import user_tags
from stateroom.model.values import Marker, Properties, Secret, Value

_PLAIN = frozenset({str, int, float, bool, type(None)})
_JSON = _PLAIN | {dict, list}
_CONTAINERS = frozenset({str, dict, list})
_LISTS = (list, tuple)
# What a type's values look like when there is nothing to fold.
_NATURAL: Mapping[type, Node] = {str: STRING, int: INTEGER, bool: BOOLEAN}
_FUNCTION_ARN = re.compile(r"^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:")


def canonical(properties: Properties, facts: Facts) -> dict[str, Value]:
    """Return one resource's properties in comparable form; pure and idempotent."""
    result: dict[str, Value] = {}
    shape, definitions, tags, computed_when = facts.shape, facts.definitions, facts.tags, facts.computed_when
    natural = _NATURAL.get
    for name, value in properties.items():
        node = shape.get(name, ANYTHING)
        if node == COMPUTED:
            continue
        if natural(type(value)) == node:  # by far the most common case
            folded = value
        else:
            folded = _tags(value) if name == tags else _fold(value, node, definitions)
        if (folded or not _is_empty(folded)) and not (computed_when and _computed_now(name, properties, facts)):
            result[name] = folded
    return result


def _computed_now(name: str, properties: Properties, facts: Facts) -> bool:
    if name not in facts.computed_when:
        return False
    other, when = facts.computed_when[name]
    return bool(_fold(properties.get(other), facts.shape.get(other, ANYTHING), facts.definitions) == when)


def _tags(value: Value) -> Value:
    if isinstance(value, _LISTS):
        named = {}
        for tag in value:
            key = _named(tag, "Key") if _is_map(tag) else None
            if not isinstance(key, str):
                return _listed(value)  # a key that only a deploy will tell
            named[key] = _named(tag, "Value")
        value = named
    if not _is_map(value):
        return value
    return user_tags({key: item if type(item) is str else _fold(item, STRING, {}) for key, item in value.items()})


def _named(tag: Mapping[str, Value], name: str) -> Value:
    value = tag.get(name)
    return tag.get(name.lower(), "") if value is None and name not in tag else value


def _is_empty(value: Value) -> bool:
    return value is None or (type(value) in _CONTAINERS and not value)  # folding leaves no other kinds of container


def _is_map(value: Value) -> bool:
    return type(value) is dict or isinstance(value, Mapping)  # asking the abstract class alone takes ten times as long


def _fold(value: Value, node: Node, definitions: Mapping[str, Node]) -> Value:
    if type(value) not in _JSON:
        if isinstance(value, Marker):
            return value
        if isinstance(value, Secret):
            return Secret(_fold(value.reveal(), node, definitions))
    if type(node) is str:
        return _SCALARS[node](value)
    if "r" in node:
        node = definitions[node["r"]]
        if type(node) is not dict or "r" in node:
            return _fold(value, node, definitions)
    if "o" in node:
        return _object(value, node["o"], definitions)
    ((kind, inner),) = node.items()
    if kind == "m":
        return _map(value, inner, definitions)
    if not isinstance(value, _LISTS):
        return value
    natural = _NATURAL.get
    items = [item if natural(type(item)) == inner else _fold(item, inner, definitions) for item in value]
    return sorted(items, key=_order) if kind == "u" and len(items) > 1 else items


def _object(value: Value, members: Mapping[str, Node], definitions: Mapping[str, Node]) -> Value:
    if type(value) is not dict:
        value = parse_json_text(value)
        if not isinstance(value, Mapping):
            return value
    result, natural = {}, _NATURAL.get
    for name, item in value.items():
        node = members.get(name, ANYTHING)
        if node == COMPUTED:
            continue
        folded = item if natural(type(item)) == node else _fold(item, node, definitions)
        if folded or not _is_empty(folded):
            result[name] = folded
    return result


def _map(value: Value, node: Node, definitions: Mapping[str, Node]) -> Value:
    # The keys are the user's, so an empty text is a value here ({"PREFIX": ""}), and only null is nothing.
    if type(value) is not dict:
        value = parse_json_text(value)
        if not isinstance(value, Mapping):
            return value
    return {
        key: item if type(item) is str and node == STRING else _fold(item, node, definitions)
        for key, item in value.items()
        if item is not None
    }


def parse_json_text(value: Value) -> Value:
    """Parse a JSON text that holds an object or list; any other value is returned as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _document(value: Value) -> Value:
    value = parse_json_text(value)
    return canonical_policy(value) if is_policy(value) else _listed(value)


def _listed(value: Value) -> Value:
    if type(value) in _PLAIN:
        return value
    if _is_map(value):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, _LISTS) else value


def _string(value: Value) -> Value:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return _document(value) if _is_map(value) or isinstance(value, _LISTS) else value


def _number(value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, (str, float)):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if not math.isfinite(number):
        return value  # text such as "nan", which as a number would not even equal itself
    return int(number) if number.is_integer() else number


def _boolean(value: Value) -> Value:
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


_SCALARS: Mapping[str, Callable[[Value], Value]] = {
    STRING: _string,
    INTEGER: _number,
    NUMBER: _number,
    BOOLEAN: _boolean,
    ANYTHING: _document,
    COMPUTED: lambda _: None,
    CASELESS: lambda value: value.lower() if isinstance(value, str) else value,
    FUNCTION: lambda value: _FUNCTION_ARN.sub("", value) if isinstance(value, str) else value,
}


def _order(item: Value) -> tuple[str, str]:
    if type(item) is str:
        return "", item
    if _is_map(item):
        for name in IDENTITIES:  # sorted by it, an item keeps its place when the rest changes
            if isinstance(item.get(name), str):
                return item[name], _text(item)
    return "", _text(item)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else _dump(value)


def _stand_in(value: Any) -> str:
    if isinstance(value, Secret):
        return hashlib.sha256(_text(value.reveal()).encode()).hexdigest()
    return repr(value)


_dump: Callable[[Value], str] = json.JSONEncoder(sort_keys=True, default=_stand_in).encode  # made once: that is costly
