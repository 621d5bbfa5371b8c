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


def baseline(record: Record, live: Properties, provider: Provider) -> Properties:
    """Return the reading to compare the cloud with: the one after the last apply, in canonical form.

    A newer reader may see more than the one that took it. Then the present reading is the baseline, except where the
    inputs differ, so that an upgrade of stateroom is never drift.
    """
    if record.reader_version == provider.schema(record.type).reader_version:
        return provider.canonical(record.type, record.observed)
    inputs = provider.canonical(record.type, record.inputs)
    merged: Properties = _overlay(provider.canonical(record.type, live), inputs)
    return merged


def _overlay(below: Value, above: Value) -> Value:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: _overlay(below.get(key), item) for key, item in above.items()}}
    return above


def drift(record: Record, reading: Live, provider: Provider) -> Drift | None:
    """Return the drift since the last apply, or None.

    A drift without attributes is a record to be renewed: the reading after the apply was behind, or lacked an
    attribute that the cloud answers now.
    """
    live = masked(reading, record)
    if same(live, record.observed) and record.reader_version == provider.schema(record.type).reader_version:
        return None
    inputs = provider.canonical(record.type, record.inputs)
    now = provider.canonical(record.type, live)
    before = baseline(record, live, provider)
    found = three_way(inputs, inputs, before, now)
    known = (
        record.reader_version == provider.schema(record.type).reader_version and live.keys() <= record.observed.keys()
    )
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
