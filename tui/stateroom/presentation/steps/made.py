"""What a step makes: its properties, with a placeholder for whatever only the deploy will tell."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.config.resources.placeholders import with_placeholders
from stateroom.model.plan import Action, Plan, Step
from stateroom.model.resource import Template
from stateroom.model.values import Value

_MAKES = (Action.CREATE, Action.REPLACE)


class MadeProperties:
    """Properties of what the steps of one plan create or replace."""

    def __init__(self, plan: Plan) -> None:
        self._targets: Mapping[str, Template | None] = {item.service: item.target for item in plan.services}

    def of(self, step: Step) -> Value:
        """Return the properties that a step gives to what it makes; {} for steps that make nothing."""
        if step.action not in _MAKES or not isinstance(step.inputs, Mapping):
            return {}
        target = self._targets.get(step.service)
        resource = target.resources.get(step.logical_id) if target else None
        return with_placeholders(step.inputs, resource.properties) if resource else step.inputs
