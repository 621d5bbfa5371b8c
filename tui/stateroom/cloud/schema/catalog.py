"""Catalog of the vendored schemas with our corrections, merged type by type on demand."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any

from stateroom.cloud.provider import TypeSchema
from stateroom.cloud.schema.facts import COMPUTED, Facts, with_node
from stateroom.cloud.schema.overrides import OVERRIDES, Override

_FILE = Path(__file__).parent / "data" / "schemas.json.gz"


@functools.cache
def _vendored() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return content


def known_types() -> tuple[str, ...]:
    """Return every type that has a schema, sorted."""
    return tuple(_vendored()["types"])


@functools.cache
def facts(type_: str) -> Facts:
    """Return the facts of a type; bare facts for a type without a schema."""
    entry = _vendored()["types"].get(type_)
    override = OVERRIDES.get(type_, Override())
    if entry is None:
        return Facts(TypeSchema(type_, create_only=frozenset(override.create_only), outlives=override.outlives))
    return Facts(
        schema=_schema(type_, entry, override),
        shape=_shape(entry, override),
        definitions=entry["definitions"],
        tags="" if override.untagged else entry["tags"],
        identifier=tuple(entry["identifier"]),
        computed_when=override.computed_when,
        readable=override.readable,
    )


def _schema(type_: str, entry: dict[str, Any], override: Override) -> TypeSchema:
    return TypeSchema(
        type=type_,
        name_property=override.name,
        name_limit=override.name_limit,
        name_style=override.name_style,
        deletion_days=override.deletion_days,
        outlives=override.outlives,
        secret_with=override.secret_with,
        worldwide_name=override.worldwide_name,
        create_only=(frozenset(entry["create_only"]) | frozenset(override.create_only)) - frozenset(override.updatable),
        read_only=frozenset(entry["read_only"]),
        write_only=frozenset(entry["write_only"]) - frozenset(override.readable),
        required=frozenset(entry["required"]),
        properties=frozenset(entry["shape"]),
        tags_property="" if override.untagged else entry["tags"],
        children_of=override.children_of,
    )


def _shape(entry: dict[str, Any], override: Override) -> dict[str, Any]:
    edits = {**dict.fromkeys(entry["read_only"], COMPUTED), **override.shapes}
    node: Any = {"o": entry["shape"]}
    for path, new in edits.items():
        node = with_node(node, path.split("."), new, entry["definitions"])
    shape: dict[str, Any] = node["o"]
    return shape
