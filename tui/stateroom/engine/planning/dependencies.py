"""Dependencies between resources, and the order of creation that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from stateroom.config.resources.template import resource_ids
from stateroom.errors import PlanError
from stateroom.model.graph import CycleError, reversed_graph, topological_order
from stateroom.model.plan import ServicePlan, Step
from stateroom.model.resource import Record, Resource


def dependencies_of(resource: Resource) -> tuple[str, ...]:
    """Return the logical ids that the resource refers to or names in DependsOn."""
    return tuple(dict.fromkeys((*sorted(resource_ids(resource.properties)), *resource.depends_on)))


def creation_order(service: str, uses: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Order logical ids so that each comes after what it uses.

    Raises:
        PlanError: resources refer to each other in a circle.
    """
    try:
        return topological_order(uses)
    except CycleError as cycle:
        raise PlanError(
            f"{service}: resources depend on each other in a circle",
            why=str(cycle),
            todo="remove one of the references",
        ) from None


def dependents_of(records: Iterable[Record], uses: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Map each logical id to the recorded and the wanted resources that use it: neither may lose it too early."""
    graph = {record.logical_id: set(record.dependencies) for record in records}
    for logical_id, names in uses.items():
        graph.setdefault(logical_id, set()).update(names)
    return reversed_graph(graph)


def order_steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Order steps so that each comes after those that it waits for."""
    by_id = {step.id: step for step in steps}
    order = topological_order({step.id: step.waits_for for step in by_id.values()})
    return tuple(by_id[name] for name in order)


def prepend_steps(steps: tuple[Step, ...], plan: ServicePlan) -> ServicePlan:
    """Put steps in front of a plan; a step waits for the one in front that concerns its resource."""
    first = {step.logical_id: step.id for step in steps}
    waiting = tuple(
        replace(step, waits_for=(*step.waits_for, first[step.logical_id])) if step.logical_id in first else step
        for step in plan.steps
    )
    return replace(plan, steps=(*steps, *waiting))
