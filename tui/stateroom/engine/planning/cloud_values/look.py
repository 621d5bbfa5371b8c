"""Read the cloud for the resources that a plan updates or replaces. No failure keeps a plan from being made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.cloud_values.beside import beside_cloud
from stateroom.engine.planning.readings import Readings, read_records
from stateroom.errors import StateroomError
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Record

NOT_ASKED = "it was not asked"
GONE = "no longer in the cloud: this step will fail; refresh drops it from the state"
_OVERWRITING = (Action.UPDATE, Action.REPLACE)


class OverwrittenValues:
    """Readings for one service's plan. A resource is read once, however often the plan is made again.

    Args:
        provider: the cloud.
        records: live records of the state by logical id.
        known: readings of all records that were taken already; None: what is needed is read.
        asked: False: nothing is read, and the plan says so.
    """

    def __init__(
        self,
        provider: Provider,
        records: Mapping[str, Record],
        known: Readings | None = None,
        *,
        asked: bool = True,
    ) -> None:
        self._provider = provider
        self._records = records
        self._readings = known or Readings()
        self._asked = asked
        self._read = set(records) if known is not None else set()

    def read(self, plan: ServicePlan) -> None:
        """Read what the plan would overwrite and what was not read before, pages and many at once."""
        names = [step.logical_id for step in plan.steps if self._overwrites(step) and step.logical_id not in self._read]
        if not self._asked or not names:
            return
        self._read.update(names)
        try:
            found = read_records([self._records[name] for name in names], self._provider)
        except StateroomError as error:
            self._readings.unread.update(dict.fromkeys(names, error.what))
            return
        self._readings.drifts.update(found.drifts)
        self._readings.missing.extend(found.missing)
        self._readings.unread.update(found.unread)

    def beside(self, plan: ServicePlan) -> ServicePlan:
        """Return the plan with the cloud's values beside its changes; its steps stay the same ones."""
        return replace(plan, steps=tuple(map(self._beside, plan.steps)))

    def _overwrites(self, step: Step) -> bool:
        record = self._records.get(step.logical_id)
        return step.action in _OVERWRITING and record is not None and record.physical_id == step.physical_id

    def _beside(self, step: Step) -> Step:
        name = step.logical_id
        if step.action is Action.UPDATE and name not in self._records:  # just adopted: `before` is a reading
            return replace(step, changes=tuple(replace(change, cloud=change.before) for change in step.changes))
        if not self._overwrites(step):
            return step
        if name not in self._read:
            return replace(step, unread=NOT_ASKED)
        if name in self._readings.unread:
            return replace(step, unread=self._readings.unread[name])
        if name in self._readings.missing:
            return replace(step, reason="; ".join(filter(None, (step.reason, GONE))))
        return beside_cloud(step, self._records[name], self._readings.drifts.get(name), self._provider)
