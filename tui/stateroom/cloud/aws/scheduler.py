"""Handler of AWS::Scheduler::Schedule. An update replaces all settings of the schedule.

CloudFormation spells it as the API does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from stateroom.cloud.aws import ecs_targets
from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal

_PROPERTIES: Final = (
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)
_UNREADY: Final[Mapping[str, Sequence[str]]] = {
    "ConflictException": ("try again", "concurrent"),
    "ThrottlingException": (),
    "ValidationException": ("assume the role", "must allow aws eventbridge scheduler"),
}


class ScheduleHandler(AwsHandler):
    """Schedule. Ref is its name, which alone identifies it: only groups have tags."""

    type = "AWS::Scheduler::Schedule"
    settable = frozenset(_PROPERTIES)

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the schedule once its role can be assumed; an existing one of that name is an error."""
        arguments, api = _arguments(resource.inputs), self._clients("scheduler")
        create = lambda: api.create_schedule(**arguments)  # noqa: E731
        yield from retry_while(create, _UNREADY, "waiting until the scheduler may assume the role")
        yield Identified(str(reveal(resource.inputs["Name"])))
        return str(reveal(resource.inputs["Name"]))

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the schedule, or None."""
        api, where = self._clients("scheduler"), _where(resource.id, resource.inputs)
        answer = none_if_missing(lambda: api.get_schedule(**where))
        if answer is None:
            return None
        model = pick(answer, (*_PROPERTIES, "Arn"))
        model["Target"] = ecs_targets.from_api(model.get("Target") or {}, ecs_targets.SCHEDULES)
        for name in ("StartDate", "EndDate"):
            if name in model:
                model[name] = model[name].isoformat() if isinstance(model[name], datetime) else model[name]
        return without_empty(model)

    def update(self, resource: ResourceData) -> Task[None]:
        """Replace all settings: those not given are reset to their defaults."""
        arguments, api = _arguments(resource.inputs), self._clients("scheduler")
        update = lambda: api.update_schedule(**arguments)  # noqa: E731
        yield from retry_while(update, _UNREADY, "waiting until the scheduler may assume the role")

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the schedule."""
        api, where = self._clients("scheduler"), _where(resource.id, resource.inputs)
        delete = lambda: none_if_missing(lambda: api.delete_schedule(**where))  # noqa: E731
        yield from retry_while(delete, _UNREADY, "waiting for the scheduler")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the schedule of this name."""
        name = str(reveal(resource.inputs["Name"]))
        return None if self.read(resource.at(name)) is None else Existing(name)


def _arguments(inputs: Properties) -> dict[str, Any]:
    arguments = pick(reveal(inputs), _PROPERTIES)
    return {**arguments, "Target": ecs_targets.to_api(arguments["Target"], ecs_targets.SCHEDULES)}


def _where(name: str, inputs: Properties) -> dict[str, str]:
    group = reveal(inputs.get("GroupName"))
    return {"Name": name, **({"GroupName": str(group)} if group else {})}


HANDLERS: tuple[type, ...] = (ScheduleHandler,)
