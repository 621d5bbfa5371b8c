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
from stateroom.model.resource import Record, Resource
from stateroom.model.values import Properties, Secret, Value

_HASH_LENGTH = 8
_ACCOUNT_LENGTH = 12


def with_name(resource: Resource, schema: TypeSchema, app: str, stage: str, record: Record | None = None) -> Properties:
    """Return the properties with a physical name, if the type takes one and the config gives none.

    A `record` that goes on living and was made without one keeps the name that the cloud chose.
    """
    name = schema.name_property
    if not name or name in resource.properties or (record is not None and name not in record.inputs):
        return resource.properties
    return {**resource.properties, name: physical_name(resource, schema, app, stage)}


def physical_name(resource: Resource, schema: TypeSchema, app: str, stage: str) -> Value:
    """Return `<app>-<stage>-<logical id>-<hash>`, shortened in the middle to the type's limit.

    A globally unique name ends in the account id, which is symbolic here.
    """
    if schema.worldwide_name:
        alone = replace(schema, worldwide_name=False, name_limit=schema.name_limit - _ACCOUNT_LENGTH - 1)
        own = str(physical_name(resource, alone, app, stage)).lower().replace("_", "-")
        return {"Fn::Join": ["-", [own, {"Ref": "AWS::AccountId"}]]}
    return _styled(_shortened(resource, schema, app, stage), schema.name_style)


def _styled(name: str, style: str) -> str:
    return name.lower() if style == "lower" else name.replace("-", "_") if style == "underscores" else name


def _shortened(resource: Resource, schema: TypeSchema, app: str, stage: str) -> str:
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
