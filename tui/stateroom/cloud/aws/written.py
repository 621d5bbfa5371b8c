"""Written values: read a resource until it shows what an update has written, so that no old answer is recorded.

Values are compared in canonical form and by intersection: a nested key that was not written is the server's. A value
that AWS shows in a form of its own (a key's alias as its ARN) cannot be told from one that is not there yet; it is not
waited for, unless the property was not set before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import backoff
from stateroom.cloud.aws.settling import found
from stateroom.cloud.aws.shared_parts import as_baseline
from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.provider import Handler, Remark, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.compare import same
from stateroom.model.resource import Live
from stateroom.model.values import ABSENT, Properties, Value, reveal

# Seconds in which an update shows, by type (API reference of SetQueueAttributes: "up to 60 seconds").
_DEADLINES: Final[Mapping[str, float]] = {"AWS::SQS::Queue": 60.0, "AWS::SQS::QueuePolicy": 60.0}
_DEADLINE: Final = 25.0
_UNCERTAIN: Final = 5.0  # for a property that was not set before, and may be shown in a form of the server's


class Written:
    """Waits for written values. Remembers which properties never showed, so that nobody waits for them twice."""

    def __init__(self) -> None:
        self._never: set[tuple[str, str]] = set()

    def shown(self, handler: Handler, resource: ResourceData, live: Live) -> Task[Live]:
        """Return a reading that shows what was written; after a deadline what was written is taken for what is there.

        Args:
            handler: reads the resource.
            resource: what was written.
            live: the first reading after it.
        """
        type_ = handler.type
        late = behind(type_, resource, live)
        deadline = _DEADLINES.get(type_, _DEADLINE) if any(late.values()) else _UNCERTAIN
        for pause in backoff(f"AWS does not show the new {_listed(late)} yet", deadline, first=0.5, longest=5.0):
            if not [name for name in late if (type_, name) not in self._never]:
                break
            yield pause
            properties = found(handler, resource)
            if properties is not None:
                live = Live(live.physical_id, properties)
                late = behind(type_, resource, live)
        self._never.update((type_, name) for name in late)
        old = [name for name, certain in late.items() if certain and name in resource.inputs]
        if old:
            yield Remark(f"AWS still shows the old {_listed(old)} of {live.physical_id}; the state has the new")
        written: Properties = {name: reveal(resource.inputs[name]) for name in old}
        return Live(live.physical_id, {**live.properties, **written}) if old else live


def behind(type_: str, resource: ResourceData, shown: Live) -> Mapping[str, bool]:
    """Return the written properties that a reading does not show yet, each with whether it shows the old value.

    False stands for one that was not set before: its reading may be behind, or in a form of the server's.
    """
    known = facts(type_)
    hidden = {path.split(".")[0] for path in known.schema.write_only}
    sides = (resource.inputs, resource.previous, as_baseline(type_, shown, resource.inputs).properties)
    now, before, there = (canonical(_plain(side), known) for side in sides)
    late: dict[str, bool] = {}
    for name in sorted(resource.changed - hidden):
        value, old, live = now.get(name, ABSENT), before.get(name, ABSENT), there.get(name, ABSENT)
        if same(value, old) or (value is not ABSENT and holds(value, live)):
            continue
        if old is not ABSENT and holds(old, live):
            late[name] = True
        elif old is ABSENT:
            late[name] = False
    return late


def holds(written: Value, shown: Value) -> bool:
    """Tell whether a value shows all that was written; what else it has is the server's."""
    if isinstance(written, Mapping) and isinstance(shown, Mapping):
        return all(holds(item, shown.get(key, ABSENT)) for key, item in written.items())
    if isinstance(written, list) and isinstance(shown, list) and len(written) == len(shown):
        return all(map(holds, written, shown))
    return same(written, shown)


def _plain(properties: Properties) -> Properties:
    plain: Any = reveal(properties)
    return dict(plain)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
