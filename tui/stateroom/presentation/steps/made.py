"""What a step makes: its properties, with a placeholder for whatever only the deploy will tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.config.resources.placeholders import with_placeholders
from stateroom.model.plan import Action, Plan, Step
from stateroom.model.resource import Template
from stateroom.model.values import Value
from stateroom.presentation.steps.properties import (
    PropertyLine,
    guarded_lines,
    property_lines,
    unguarded_count,
)

_MAKES = (Action.CREATE, Action.REPLACE)


class MadeProperties:
    """Properties of what the steps of one plan create or replace."""

    def __init__(self, plan: Plan) -> None:
        self._targets: Mapping[str, Template | None] = {item.service: item.target for item in plan.services}

    def lines(self, step: Step, *, folded: bool) -> Iterator[PropertyLine]:
        """Yield the lines of what a step makes; `folded`: only of what is guarded. Walks no more than it yields."""
        known = _made(step)
        if not known or (folded and self.foldable(step) == len(known)):
            return
        target = self._targets.get(step.service)
        resource = target.resources.get(step.logical_id) if target else None
        properties = with_placeholders(known, resource.properties) if resource else known
        yield from (guarded_lines if folded else property_lines)(step.type, properties)

    def foldable(self, step: Step) -> int:
        """How many properties of what a step makes can be folded."""
        return unguarded_count(step.type, _made(step))


def _made(step: Step) -> Mapping[str, Value]:
    return step.inputs if step.action in _MAKES and isinstance(step.inputs, Mapping) else {}
