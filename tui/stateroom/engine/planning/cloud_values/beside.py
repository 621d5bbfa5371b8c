"""Put the cloud's values beside the changes of a step. Pure: from a record and its drift.

What the server adds or renames by itself is in the reading after the last apply as well as in the one of now, so it
cancels out: an attribute that did not move shows the state's value (docs/design.md, Three columns).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Provider
from stateroom.engine.records.drift import Drift, cloud_sides
from stateroom.model.compare import mask_like, same
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, UNREAD, Properties, Value


@dataclass(frozen=True, slots=True)
class _Sides:
    """One resource in canonical form: before and after the step, in the cloud at the last apply and now."""

    before: Properties
    after: Properties
    observed: Properties
    now: Properties

    def cloud(self, path: Path, before: Value) -> Value:
        """Return what the cloud has at a path; UNREAD where it does not tell."""
        then, now = value_at(self.observed, path), value_at(self.now, path)
        if not same(then, now):
            return now
        if before is ABSENT:
            return now
        return UNREAD if now is ABSENT else before


def beside_cloud(step: Step, record: Record, drift: Drift | None, provider: Provider) -> Step:
    """Return the step with what the cloud has in each changed attribute, and with the drift that it ends or keeps.

    An update writes whole top-level properties, a replacement all of them: drift inside them is written over, although
    config and state agree there, and becomes a change of its own. Other drift stays, and is listed as kept; so are tags
    that neither config nor state has, which a change of tags leaves alone.
    """
    live = drift.live if drift else record.observed
    sides = _Sides(
        provider.canonical(record.type, step.previous or {}),
        provider.canonical(step.type, step.inputs or {}),
        *cloud_sides(record, live, provider),
    )
    changes = tuple(_beside(change, sides) for change in _coarse(step.changes, sides))
    drifted = drift.managed if drift else ()
    written = {change.path[0] for change in changes}
    everything = step.action is Action.REPLACE
    foreign = () if everything else _foreign_tags(sides, provider.schema(step.type).tags_property, written)
    stay = {change.path for change in foreign}
    rest = [item for item in drifted if item.path not in stay and not _covered(item.path, changes)]
    over = tuple(_overwritten(item, sides) for item in rest if everything or item.path[0] in written)
    kept = tuple(_kept(item) for item in rest if not everything and item.path[0] not in written)
    return replace(step, changes=(*changes, *over), kept=(*kept, *foreign))


def _foreign_tags(sides: _Sides, tags: str, written: Collection[str | int]) -> tuple[Change, ...]:
    """Return the tags of others, where tags are written."""
    there = sides.now.get(tags) if tags in written else None
    ours = {key for side in (sides.before, sides.after) for key in _keys(side.get(tags))}
    items = there.items() if isinstance(there, Mapping) else ()
    return tuple(Change((tags, key), ABSENT, value, cloud=value) for key, value in items if key not in ours)


def _keys(value: Value) -> Collection[str]:
    return value if isinstance(value, Mapping) else ()


def _beside(change: Change, sides: _Sides) -> Change:
    cloud = sides.cloud(change.path, change.before)
    if cloud is ABSENT or cloud is UNREAD:
        return replace(change, cloud=cloud)
    return replace(change, cloud=mask_like(mask_like(cloud, change.before), change.after))


def _overwritten(item: AttributeDiff, sides: _Sides) -> Change:
    return Change(item.path, item.state, value_at(sides.after, item.path), cloud=item.cloud)


def _kept(item: AttributeDiff) -> Change:
    return Change(item.path, item.state, item.cloud, cloud=item.cloud)


def _covered(path: Path, changes: Iterable[Change]) -> bool:
    return any(change.path[: len(path)] == path[: len(change.path)] for change in changes)


def _coarse(changes: Iterable[Change], sides: _Sides) -> tuple[Change, ...]:
    """Merge changes inside a list that has another length in the cloud: their places mean nothing there."""
    result: dict[Path, Change] = {}
    for change in changes:
        path = _list_of_another_length(change.path, sides)
        if path is None:
            result[change.path] = change
            continue
        forces = change.forces_replacement or (path in result and result[path].forces_replacement)
        result[path] = Change(path, value_at(sides.before, path), value_at(sides.after, path), forces)
    return tuple(result.values())


def _list_of_another_length(path: Path, sides: _Sides) -> Path | None:
    for index, part in enumerate(path):
        if isinstance(part, int):
            here = path[:index]
            lists = [value_at(side, here) for side in (sides.before, sides.after, sides.now)]
            lengths = {len(item) if isinstance(item, list | tuple) else -1 for item in lists}
            if len(lengths) > 1:
                return here
    return None


def value_at(value: Value, path: Path) -> Value:
    """Return the value at a path; ABSENT where there is none."""
    for part in path:
        listed = isinstance(part, int) and isinstance(value, list | tuple) and part < len(value)
        if not listed and not (isinstance(value, Mapping) and part in value):
            return ABSENT
        value = value[part]
    return value
