"""Conversion helpers between CloudFormation's and the APIs' shapes, and the "name taken" error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stateroom.errors import CloudError
from stateroom.model.values import Value


def to_json(value: Value) -> str:
    """Return a document for an API: text as it is, anything else as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def from_json(text: Value) -> Value:
    """Return a document for CloudFormation: JSON text as an object, other text as it is."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def without_empty(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Drop values that mean "not set": None and empty text, lists and maps. Zero and False are values."""
    return {key: value for key, value in properties.items() if value is not None and value not in ("", [], {}, ())}


def pick(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return only the named properties that exist."""
    return {name: properties[name] for name in names if name in properties}


def lower_first(value: Value) -> Value:
    """Convert keys to Step Functions' spelling, at every depth: `LogLevel` → `logLevel`."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: lower_first(item) for key, item in value.items()}
    return [lower_first(item) for item in value] if isinstance(value, list | tuple) else value


def upper_first(value: Value) -> Value:
    """Convert keys back from `lower_first`."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: upper_first(item) for key, item in value.items()}
    return [upper_first(item) for item in value] if isinstance(value, list | tuple) else value


def name_taken(kind: str, name: str, code: str, operation: str) -> CloudError:
    """Refuse a name whose resource does not say by its tags that it is ours; it stays untouched."""
    return CloudError(
        f"a {kind} named {name} exists already and is not this resource's",
        why="its tags do not name this state and this resource of it",
        todo="plan again: the plan says whose it is; or give the resource another name",
        code=code,
        operation=operation,
        refused=True,
    )
