"""Add to what could not be found out the file and line that ask for it."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.engine.planning.planner import PlannedService
from stateroom.model.plan import Action
from stateroom.model.resource import Template
from stateroom.model.values import Properties, Unresolved, Value, first_unresolved, path_of


def located(planned: PlannedService, template: Template) -> Mapping[str, Properties]:
    """Return what each resource is to be, with a place in front of the reason of a value that is not resolved."""
    inputs = dict(planned.inputs)
    for step in planned.plan.steps:
        if step.action is not Action.PENDING or step.logical_id not in inputs:
            continue
        found: Value = inputs[step.logical_id]
        problem = first_unresolved(found)
        place = template.where(step.logical_id, path_of(found, problem)) if problem else None
        if problem and place:
            there = Unresolved(f"{place.file.name}:{place.line}: {problem.why}", problem.todo)
            inputs[step.logical_id] = {key: _with(value, problem, there) for key, value in found.items()}
    return inputs


def _with(value: Value, old: Unresolved, new: Unresolved) -> Value:
    """Return a value with one Unresolved in the place of another."""
    if value is old:
        return new
    if isinstance(value, Mapping):
        return {key: _with(item, old, new) for key, item in value.items()}
    return [_with(item, old, new) for item in value] if isinstance(value, list | tuple) else value
