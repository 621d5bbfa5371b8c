"""Drift of one resource: compare its record with a reading of the cloud, and take the reading into the record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Provider
from stateroom.model.compare import mask_like, same, three_way
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.resource import Live, Record
from stateroom.model.values import ABSENT, Properties, Value


@dataclass(frozen=True, slots=True)
class Drift:
    """Difference of cloud and state. `live` holds Secrets where the state does."""

    record: Record
    live: Properties
    managed: tuple[AttributeDiff, ...]
    unmanaged: tuple[AttributeDiff, ...]


def masked(live: Live, record: Record) -> Properties:
    """Return the reading with Secrets where the record's inputs or its earlier reading have them."""
    properties: Properties = mask_like(mask_like(live.properties, record.observed), record.inputs)
    return properties


def has_baseline(record: Record, provider: Provider) -> bool:
    """Tell whether the record's reading can be compared with one of now: it is there, and by the same reader."""
    return bool(record.observed) and record.reader_version == provider.schema(record.type).reader_version


def cloud_sides(record: Record, live: Properties, provider: Provider) -> tuple[Properties, Properties]:
    """Return what the cloud had after the last apply and what it has now, in canonical form.

    Without a usable baseline (a newer reader may see more than the one that took it) only what the inputs set can be
    compared: the reading is brought into their shape, and they stand for what it was.
    """
    now = provider.canonical(record.type, live)
    if has_baseline(record, provider):
        before = provider.canonical(record.type, record.observed)
        if same(before, now):
            return before, now
        before = provider.aligned(record.type, record.inputs, before)
        now = provider.aligned(record.type, before, now)
        return before, provider.aligned(record.type, record.inputs, now)  # what was asked for is in its own order
    inputs = provider.canonical(record.type, record.inputs)
    undeclared = {key: value for key, value in now.items() if key not in inputs}
    return {**undeclared, **inputs}, {**undeclared, **provider.as_declared(record.type, record.inputs, live)}


def drift(record: Record, reading: Live, provider: Provider) -> Drift | None:
    """Return the drift since the last apply, or None.

    A drift without attributes is a record to be renewed: the reading after the apply was behind, or lacked an
    attribute that the cloud answers now.
    """
    live = masked(reading, record)
    comparable = has_baseline(record, provider)
    if comparable and same(live, record.observed):
        return None
    inputs = provider.canonical(record.type, record.inputs)
    before, now = cloud_sides(record, live, provider)
    found = three_way(inputs, inputs, before, now)
    known = comparable and live.keys() <= record.observed.keys()
    if not found and known and same(before, now):
        return None
    return Drift(
        record,
        live,
        managed=tuple(item for item in found if item.managed),
        unmanaged=tuple(item for item in found if not item.managed),
    )


def chosen(path: Path, attributes: Collection[Path]) -> bool:
    """Tell whether a difference is at one of the attributes or inside it; without attributes each is."""
    return not attributes or any(path[: len(item)] == item for item in attributes)


def accept_drift(found: Drift, provider: Provider, paths: Iterable[Path] = ()) -> Record:
    """Take the cloud's values into the record: all of them, or only those at `paths`."""
    wanted = tuple(paths)
    taken = [item.path for item in found.managed if chosen(item.path, wanted)]
    inputs = dict(found.record.inputs)
    observed = dict(found.record.observed)
    for path in taken:
        inputs = patched(inputs, found.live, path)
        observed = patched(observed, found.live, path)
    if wanted:
        return replace(found.record, inputs=inputs, observed=observed)
    version = provider.schema(found.record.type).reader_version
    return replace(found.record, inputs=inputs, observed=found.live, reader_version=version)


def patched(target: Mapping[str, Value], source: Mapping[str, Value], path: Path) -> dict[str, Value]:
    """Return a copy of `target` with the source's value at `path`.

    Paths come from canonical properties; where the raw ones have another shape (a tag list, a JSON text), the nearest
    enclosing property is copied.
    """
    key, rest = str(path[0]), path[1:]
    result = dict(target)
    value = source.get(key, ABSENT)
    inner = result.get(key)
    if rest and isinstance(rest[0], str) and isinstance(inner, Mapping) and isinstance(value, Mapping):
        result[key] = patched(inner, value, rest)
    elif value is ABSENT:
        result.pop(key, None)
    else:
        result[key] = value
    return result
