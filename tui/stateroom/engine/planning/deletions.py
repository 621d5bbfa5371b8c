"""Delete steps: of resources that are gone from the target, and of the old copies that replacements leave behind.

What the cloud deletes along with its parent needs no call: an API's routes go with the API, one call instead of thirty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from stateroom.cloud.provider import TypeSchema
from stateroom.model.graph import CycleError, topological_order
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record

GONE_FROM_CONFIG: Final = "gone from config"


def deletion_steps(
    service: str,
    records: dict[str, Record],
    wanted: Collection[str],
    steps: Mapping[str, Step],
    dependents: Mapping[str, set[str]],
) -> Iterator[Step]:
    """Yield a step for each record that the target does not have; it waits for the steps of what uses it.

    Args:
        service: name of the service.
        records: live records by logical id, in dependency order; deletions go backwards.
        wanted: logical ids of the target.
        steps: steps so far, by logical id; those of earlier deletions are waited for as well.
        dependents: logical id → who uses it.
    """
    planned = dict(steps)
    for logical_id, record in reversed(records.items()):
        if logical_id in wanted:
            continue
        step = Step(
            id=f"{service}/{logical_id}",
            service=service,
            logical_id=logical_id,
            type=record.type,
            action=Action.FORGET if record.retain else Action.DELETE,
            reason="kept in the cloud: DeletionPolicy is Retain" if record.retain else GONE_FROM_CONFIG,
            physical_id=record.physical_id,
            waits_for=_ids(dependents[logical_id], planned),
            previous=record.inputs,
        )
        planned[logical_id] = step
        yield step


def old_copy_steps(
    service: str,
    records: Iterable[Record],
    steps: Mapping[str, Step],
    dependents: Mapping[str, set[str]],
) -> Iterator[Step]:
    """Yield deletions of what replacements leave behind, now or from an earlier, interrupted run.

    Args:
        service: name of the service.
        records: all of it, old copies included.
        steps: steps by logical id.
        dependents: logical id → who uses it.
    """
    everything = tuple(records)
    live = {record.logical_id: record for record in everything if not record.condemned}
    for logical_id, step in steps.items():
        if step.action is Action.REPLACE and not step.delete_first:
            yield _old_copy(service, live[logical_id], (step.id, *_ids(dependents[logical_id], steps)))
    for record in everything:
        if record.condemned:
            yield _old_copy(service, record, _ids(dependents.get(record.logical_id, ()), steps))


def _ids(names: Iterable[str], steps: Mapping[str, Step]) -> tuple[str, ...]:
    return tuple(steps[name].id for name in sorted(names) if name in steps)


def _old_copy(service: str, record: Record, waits_for: tuple[str, ...]) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}#{record.physical_id}",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=Action.DELETE,
        reason="replaced",
        physical_id=record.physical_id,
        waits_for=waits_for,
        previous=record.inputs,
    )


def delete_with_parents(
    steps: Mapping[str, Step], records: Mapping[str, Record], schema: Callable[[str], TypeSchema]
) -> dict[str, Step]:
    """Make children wait for the deletion of their parent instead of the other way round; steps by logical id.

    A child that goes with its parent goes later than by itself, and so does what waits for the child. Where that leads
    into a circle (a function waits for its integration, the API for the function's permission, and each of the two
    children for its parent), children of one of the types in it are deleted by themselves.
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
