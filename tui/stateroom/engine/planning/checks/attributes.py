"""Check the attributes that heal and accept are limited to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from stateroom.cloud.provider import Provider
from stateroom.engine.records.drift import Drift
from stateroom.engine.records.undeclared.changes import is_chosen
from stateroom.errors import PlanError, UsageError
from stateroom.model.diff import ALL_UNDECLARED, Path, path_name
from stateroom.model.problems.suggestions import suggestion
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, Value


def check_attributes(
    attributes: Iterable[Path],
    records: Mapping[str, Record],
    wanted: Iterable[str],
    found: Mapping[str, Drift],
    missing: Collection[str],
    provider: Provider,
    undeclared: Mapping[str, Collection[Path]],
) -> None:
    """Check that attributes of the wanted resources can be healed or accepted.

    Args:
        attributes: of the request.
        records: live ones, by logical id.
        wanted: logical ids of the request.
        found: the drift of those that have any.
        missing: logical ids of those that are gone from the cloud.
        provider: brings properties into the form that paths are made of.
        undeclared: paths of what nobody declared, by logical id.

    Raises:
        UsageError: a resource is not recorded, or has no such attribute, or has it outside the config.
        PlanError: a resource is gone from the cloud as a whole.
    """
    for path in attributes:
        for name in sorted(wanted):
            if name not in records:
                raise UsageError(
                    f"{name} has no {path_name(path)} to act on: it is not in the state",
                    todo="deploy it first",
                )
            if name in missing:
                raise PlanError(
                    f"{name} is missing in the cloud as a whole",
                    why=f"so that {path_name(path)} cannot be looked at",
                    todo="heal it without a PATH to make it again, or refresh to drop it from the state",
                )
            beside = undeclared.get(name, ())
            if path != ALL_UNDECLARED and not any(is_chosen(item, (path,)) for item in beside):
                _check(path, records[name], found.get(name), provider, beside)


def _check(path: Path, record: Record, found: Drift | None, provider: Provider, undeclared: Collection[Path]) -> None:
    managed = found.managed if found else ()
    whole = next((item.path for item in managed if item.path == path[: len(item.path)] != path), ())
    if whole:
        raise UsageError(
            f"{record.logical_id}: {path_name(whole)} is compared as a whole",
            why=f"{path_name(path)} cannot be taken out of it",
            todo=f"name {path_name(whole)}",
        )
    canonical = provider.canonical
    asked = canonical(record.type, record.inputs)
    cloud = [canonical(record.type, side) for side in (record.observed, found.live if found else {})]
    if path[0] in asked and any(_at(side, path) is not ABSENT for side in (asked, *cloud)):
        return
    if any(_at(side, path) is not ABSENT for side in (record.observed, *cloud)):
        raise UsageError(
            f"{path_name(path)} of {record.logical_id} is outside the config",
            why="heal and accept act on what the config sets, and on what has changed beside it",
            todo="`stateroom refresh` notes it in the state",
        )
    raise UsageError(
        f"{record.logical_id} has no attribute {path_name(path)}",
        todo=_closest(path, (asked, *cloud, *map(_nested, undeclared))) or "`stateroom diff` shows those that differ",
    )


def _nested(path: Path) -> Value:
    """Return a path as a value that has it: `{"Url": {"$LATEST": …}}`."""
    value: Value = ""
    for part in reversed(path):
        value = {str(part): value}
    return value


def _at(value: Value, path: Sequence[str | int]) -> Value:
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part, ABSENT)
        elif isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return ABSENT
    return value


def _closest(path: Path, sides: Iterable[Value]) -> str:
    """Suggest names in the place of the first part of a path that leads nowhere."""
    inside = list(sides)
    for depth, part in enumerate(path):
        below = [item for side in inside if (item := _at(side, (part,))) is not ABSENT]
        if not below:
            names = {str(key) for side in inside if isinstance(side, Mapping) for key in side}
            known = {path_name((*path[:depth], name)) for name in names}
            return suggestion(path_name(path[: depth + 1]), known)
        inside = below
    return ""
