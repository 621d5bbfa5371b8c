"""Compare one service's resources three ways: config, state, and what was read of the cloud so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from stateroom.cloud.children import ChildReading
from stateroom.cloud.provider import Provider, Reading
from stateroom.engine.records.drift import cloud_sides, has_baseline, masked
from stateroom.engine.records.undeclared.changes import with_undeclared
from stateroom.engine.survey.obstacles import Obstacle
from stateroom.engine.survey.unasked import as_recorded, unknown_attributes, with_reasons
from stateroom.model.compare import count_answered, count_leaves, same, three_way
from stateroom.model.diff import AttributeDiff, Deploy, ResourceDiff, X, Y
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, UNREAD, Properties, Value, first_unresolved

_NONE: Final = Obstacle()
_DEPLOYED: Final = frozenset({X.CHANGED, X.NEW, X.GONE})  # deploy has a step for it


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Resource of which it is not known how its last step ended.

    Args:
        type: of the resource.
        why: what is to be said about it.
        brief: the same in few words, for what waits for it: "its create is pending".
    """

    type: str
    why: str
    brief: str = ""


@dataclass(slots=True)
class ServiceComparison:
    """Config and state of one service side by side; `readings` come in as the cloud answers."""

    service: str
    provider: Provider
    desired: Mapping[str, Properties]  # by logical id
    types: dict[str, str]
    records: dict[str, Record]
    without_config: bool = False  # the config is not there: then X says `?`
    config_error: str = ""  # why; "" as long as it is being compiled
    unasked: Mapping[str, str] = field(default_factory=dict)  # variables that nothing was asked for, by logical id
    sources: Mapping[str, Properties] = field(default_factory=dict)  # properties as in the template, of the unasked
    unsettled: Mapping[str, Unsettled] = field(default_factory=dict)  # by logical id
    not_built: Mapping[str, str] = field(default_factory=dict)  # logical id → why its package could not be compared
    warnings: tuple[str, ...] = ()  # of the config
    obstacles: Mapping[str, Obstacle] = field(default_factory=dict)  # what deploy refuses or leaves alone
    readings: dict[str, Reading] = field(default_factory=dict)
    children: dict[str, dict[str, ChildReading]] = field(default_factory=dict)  # by logical id and kind

    def order(self) -> tuple[str, ...]:
        """Return the logical ids: the config's first, in its order, then those only recorded or being made."""
        return tuple(dict.fromkeys((*self.desired, *self.records, *self.unsettled)))

    def diff(self, logical_id: str, moment: datetime | None = None) -> ResourceDiff:
        """Compare a resource three ways, as far as it has been read."""
        record = self.records.get(logical_id)
        config = self.desired.get(logical_id)
        step = self.unsettled.get(logical_id)
        type_ = self.types.get(logical_id) or next((item.type for item in (record, step) if item), "")
        unsettled = step.why if step else ""
        if record is None:
            return self._unrecorded(logical_id, type_, config, unsettled)
        reading = self.readings.get(logical_id)
        unasked = self.unasked.get(logical_id, "") if config is not None else ""
        unknown = tuple(unknown_attributes(config, record.inputs)) if unasked else ()
        config = as_recorded(config, record.inputs) if unasked else config
        asked = reading is not None and reading.error is None
        x = self._x(config, record)
        attributes: tuple[AttributeDiff, ...] = ()  # where equality decides, nothing is brought into canonical form
        if x not in (X.SAME, X.UNKNOWN) or not self._untouched(record, reading):
            attributes = self._attributes(config, record, reading)
        answered, unanswered = _answers(record, reading)
        if step or (unasked and x is X.SAME):
            x = X.UNKNOWN
        obstacle = self.obstacles.get(logical_id, _NONE) if x in _DEPLOYED else _NONE
        attributes = (*_with_deploy(attributes, x, record, obstacle), *unknown)
        moved = sum(1 for item in attributes if item.managed)
        error = reading.error if reading else None
        found = ResourceDiff(
            service=self.service,
            logical_id=logical_id,
            type=type_,
            x=X.UNKNOWN if x is X.SAME and logical_id in self.not_built else _x_as_far_as_known(x, attributes),
            y=_y(reading, attributes),
            attributes=attributes,
            same=max(0, answered - moved),
            unanswered=unanswered,
            physical_id=record.physical_id,
            read_at=moment if asked else None,
            error=_why_unread(reading),
            unsettled=unsettled,
            todo=error.todo if error else "",
            config_error=self.config_error,
            answered_by=self.provider.answered_by(record.type) if asked else "",
            unasked=unasked,
            not_built=self.not_built.get(logical_id, ""),
            retain=record.retain,
            refused=obstacle.refused,
            waits=obstacle.waits,
        )
        return with_undeclared(found, record, self.children.get(logical_id, {}), self.provider)

    def _unrecorded(self, logical_id: str, type_: str, config: Properties | None, unsettled: str) -> ResourceDiff:
        """Return the difference of what only the config has, or of what is being made."""
        attributes = three_way(self._canonical(type_, config), ABSENT, ABSENT, ABSENT)
        obstacle = self.obstacles.get(logical_id, _NONE)
        return ResourceDiff(
            self.service,
            logical_id,
            type_,
            X.UNKNOWN if unsettled else X.NEW,
            Y.NONE,
            _not_written(with_reasons(_unread(attributes), self.sources.get(logical_id, {})), obstacle),
            unsettled=unsettled,
            not_built=self.not_built.get(logical_id, ""),
            unasked=self.unasked.get(logical_id, ""),
            refused=obstacle.refused,
            waits=obstacle.waits,
        )

    def _untouched(self, record: Record, reading: Reading | None) -> bool:
        """Tell whether there is no reading, or one identical to the recorded one."""
        if reading is None or reading.error is not None:
            return True
        if reading.live is None or not has_baseline(record, self.provider):
            return False
        return same(reading.live.properties, record.observed)

    def _canonical(self, type_: str, properties: Properties | None) -> Value:
        return ABSENT if properties is None else self.provider.canonical(type_, properties)

    def _x(self, config: Properties | None, record: Record) -> X:
        if self.without_config:
            return X.UNKNOWN
        if config is None:
            return X.GONE
        if same(config, record.inputs):
            return X.SAME
        canonical = self.provider.canonical
        return X.SAME if same(canonical(record.type, config), canonical(record.type, record.inputs)) else X.CHANGED

    def _attributes(
        self, config: Properties | None, record: Record, reading: Reading | None
    ) -> tuple[AttributeDiff, ...]:
        state = self._canonical(record.type, record.inputs)
        wanted = state if self.without_config else self._canonical(record.type, config)
        found = three_way(wanted, state, *self._cloud_sides(record, reading))
        if self.without_config:
            found = tuple(replace(item, config=UNREAD) for item in found)
        return _unread(found) if reading is None or reading.error is not None else found

    def _cloud_sides(self, record: Record, reading: Reading | None) -> tuple[Value, Value]:
        if reading is None or reading.error is not None:
            return ABSENT, ABSENT  # not read: nothing may be concluded, so nothing may differ
        if reading.live is None:
            return self.provider.canonical(record.type, record.inputs), ABSENT
        return cloud_sides(record, masked(reading.live, record), self.provider)


def _with_deploy(
    attributes: tuple[AttributeDiff, ...], x: X, record: Record, obstacle: Obstacle
) -> tuple[AttributeDiff, ...]:
    """Mark the attributes that a deploy does not write, although the config differs."""
    if x is X.GONE and record.retain:
        return tuple(replace(item, deploy=Deploy.LEAVES) for item in attributes)
    return _not_written(attributes, obstacle)


def _not_written(attributes: tuple[AttributeDiff, ...], obstacle: Obstacle) -> tuple[AttributeDiff, ...]:
    """Mark the attributes of a resource that deploy refuses, or leaves alone; also because one of them is not known."""
    deploy = Deploy.REFUSES if obstacle.refused else Deploy.WAITS
    if obstacle is _NONE and not any(first_unresolved(item.config) for item in attributes):
        return attributes
    return tuple(replace(item, deploy=deploy) for item in attributes)


def _x_as_far_as_known(x: X, attributes: Iterable[AttributeDiff]) -> X:
    """Return X, unknown where all that differs in the config is what could not be resolved."""
    if x is not X.CHANGED or any(item.managed and item.mark.moved_in_config for item in attributes):
        return x
    return X.UNKNOWN if any(first_unresolved(item.config) for item in attributes) else x


def _answers(record: Record, reading: Reading | None) -> tuple[int, int]:
    """Count the attributes that were asked for: (given back by the cloud, not given back)."""
    if reading is None or reading.error is not None:
        return 0, 0
    if reading.live is None:
        return count_leaves(record.inputs), 0
    return count_answered(record.inputs, reading.live.properties)


def _unread(attributes: tuple[AttributeDiff, ...]) -> tuple[AttributeDiff, ...]:
    return tuple(replace(item, cloud=UNREAD) for item in attributes)


def _why_unread(reading: Reading | None) -> str:
    if reading is None or reading.error is None:
        return ""
    return ": ".join(line for line in (reading.error.what, reading.error.why) if line)


def _y(reading: Reading | None, attributes: Iterable[AttributeDiff]) -> Y:
    if reading is None or reading.error is not None:
        return Y.UNREAD
    if reading.live is None:
        return Y.MISSING
    return Y.DRIFT if any(item.managed and item.mark.moved_in_cloud for item in attributes) else Y.SAME
