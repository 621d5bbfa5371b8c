"""Physical names for resources without a name in the config.

Derived, never random, so that after a lost answer a created resource is found by its name. A hash of the create-only
properties is part of the name: a change that forces a replacement changes the name too, and the new copy can be made
before the old one is deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace

from stateroom.cloud.provider import TypeSchema
from stateroom.model.resource import Resource
from stateroom.model.values import Properties, Secret, Value

_HASH_LENGTH = 8
_ACCOUNT_LENGTH = 12


def with_name(resource: Resource, schema: TypeSchema, app: str, stage: str) -> Properties:
    """Return the properties with a physical name, if the type takes one and the config gives none."""
    if not schema.name_property or schema.name_property in resource.properties:
        return resource.properties
    return {**resource.properties, schema.name_property: physical_name(resource, schema, app, stage)}


def physical_name(resource: Resource, schema: TypeSchema, app: str, stage: str) -> Value:
    """Return `<app>-<stage>-<logical id>-<hash>`, shortened in the middle to the type's limit.

    A globally unique name ends in the account id, which is symbolic here.
    """
    if schema.worldwide_name:
        alone = replace(schema, worldwide_name=False, name_limit=schema.name_limit - _ACCOUNT_LENGTH - 1)
        own = str(physical_name(resource, alone, app, stage)).lower().replace("_", "-")
        return {"Fn::Join": ["-", [own, {"Ref": "AWS::AccountId"}]]}
    suffix = f"-{_digest(resource, schema)}"
    if resource.properties.get("FifoQueue") is True or resource.properties.get("FifoTopic") is True:
        suffix += ".fifo"
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", f"{app}-{stage}-{resource.logical_id}")
    room = schema.name_limit - len(suffix)
    if len(stem) > room:
        stem = f"{stem[: room - 7].rstrip('-')}-{hashlib.sha256(stem.encode()).hexdigest()[:6]}"
    return stem + suffix


def _digest(resource: Resource, schema: TypeSchema) -> str:
    fixed = {
        path: _at(resource.properties, path.split("."))
        for path in sorted(schema.create_only)
        if path != schema.name_property
    }
    text = json.dumps([resource.type, resource.logical_id, fixed], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]


def _at(value: Value, path: list[str]) -> Value:
    if not path:
        return value
    if path[0] == "*":
        return [_at(item, path[1:]) for item in _items(value)]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, dict) else None


def _items(value: Value) -> Iterator[Value]:
    yield from value if isinstance(value, list | tuple) else ()


def _plain(value: object) -> str:
    return hashlib.sha256(repr(value.reveal()).encode()).hexdigest() if isinstance(value, Secret) else repr(value)
