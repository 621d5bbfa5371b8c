"""Deletes that a parent's delete includes: an API's routes go with the API, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from stateroom.cloud.provider import TypeSchema
from stateroom.model.graph import CycleError, topological_order
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record


def delete_with_parents(
    steps: Mapping[str, Step], records: Mapping[str, Record], schema: Callable[[str], TypeSchema]
) -> dict[str, Step]:
    """Return the steps by logical id, with children deleted together with their parent.

    Such a child goes later than by itself, and so does everything that waits for it. Where that leads to a cycle (a
    function waits for its integration, the API for the function's permission, and each of the two children for its
    parent), children of one of the types in it are deleted by themselves.
    """
    parents = {
        name: parent for name, step in steps.items() if (parent := _deleted_parent(step, steps, records, schema))
    }
    while True:
        merged = _merge(steps, parents)
        try:
            topological_order({step.id: step.waits_for for step in merged.values()})
        except CycleError as cycle:
            types = [
                step.type for id_ in cycle.path for name, step in steps.items() if step.id == id_ and name in parents
            ]
            if not types:
                raise
            parents = {name: parent for name, parent in parents.items() if steps[name].type != types[0]}
        else:
            return merged


def _merge(steps: Mapping[str, Step], parents: Mapping[str, str]) -> dict[str, Step]:
    merged = dict(steps)
    for name, parent in parents.items():
        child, owner = steps[name], merged[parent]
        merged[name] = replace(merged[name], deleted_with=owner.id, waits_for=(owner.id,))
        merged[parent] = replace(owner, waits_for=tuple(item for item in owner.waits_for if item != child.id))
    return merged


def _deleted_parent(
    step: Step, steps: Mapping[str, Step], records: Mapping[str, Record], schema: Callable[[str], TypeSchema]
) -> str:
    """Return the logical id of the parent that is deleted in the same plan, or ""."""
    record = records.get(step.logical_id)
    property_ = schema(step.type).children_of
    if step.action is not Action.DELETE or record is None or not property_:
        return ""
    wanted = record.inputs.get(property_)
    for name in record.dependencies:
        parent, parent_step = records.get(name), steps.get(name)
        if parent is None or parent_step is None or parent_step.action is not Action.DELETE:
            continue
        if wanted in (parent.physical_id, parent.observed.get("Arn")):
            return name
    return ""
