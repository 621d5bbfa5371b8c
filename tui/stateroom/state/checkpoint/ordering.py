"""Order the resources of a checkpoint: each after those that it refers to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from stateroom.errors import StateError
from stateroom.model.graph import CycleError, topological_order
from stateroom.state.checkpoint.integrity import references
from stateroom.state.checkpoint.resource_codec import Raw, is_record


def in_dependency_order(resources: list[Raw]) -> list[Raw]:
    """Return the resources in a valid order, moved only where needed.

    Two resources can come to depend on each other when only part of a change was deployed. Then the dependency that
    closes the cycle is dropped: it only orders later deletes, and refusing to store the state would lose far more.

    Raises:
        StateError: a cycle among resources that stateroom did not write.
    """
    return _sorted(resources, is_record)


def without_cycles(resources: list[Raw]) -> list[Raw]:
    """Return the resources in a valid order for a repair, which may open every cycle.

    Raises:
        StateError: a cycle of parents or providers, which no order can hold.
    """
    return _sorted(resources, lambda _: True)


def _sorted(resources: list[Raw], may_change: Callable[[Raw], bool]) -> list[Raw]:
    while not _holds(resources):
        graph = _graph(resources)
        try:
            return [resources[int(node)] for node in topological_order(graph)]
        except CycleError as error:
            resources = _opened(resources, [int(node) for node in error.path], may_change)
    return resources


def _holds(resources: list[Raw]) -> bool:
    seen: set[str] = set()
    known = {raw["urn"] for raw in resources}
    for raw in resources:
        if any(urn not in seen and urn in known for urn in _targets(raw)):
            return False
        seen.add(raw["urn"])
    return True


def _targets(raw: Raw) -> list[str]:
    targets = [urn for _, urn in references(raw)]
    if provider := raw.get("provider"):
        targets.append(provider.rpartition("::")[0])
    return targets


def _graph(resources: list[Raw]) -> dict[str, list[str]]:
    where: dict[str, str] = {}
    for index, raw in enumerate(resources):
        if not raw.get("delete") or raw["urn"] not in where:
            where[raw["urn"]] = str(index)
    return {str(index): [where[urn] for urn in _targets(raw) if urn in where] for index, raw in enumerate(resources)}


def _opened(resources: list[Raw], cycle: list[int], may_change: Callable[[Raw], bool]) -> list[Raw]:
    """Return the resources without one dependency of the cycle, the last that may be dropped."""
    for source, target in reversed(list(pairwise(cycle))):
        raw, urn = resources[source], resources[target]["urn"]
        if may_change(raw) and urn in _droppable(raw):
            changed = without_dependency(raw, urn)
            return [changed if index == source else item for index, item in enumerate(resources)]
    first, second = resources[cycle[-2]]["urn"], resources[cycle[-1]]["urn"]
    raise StateError(f"state integrity failure: {first} and {second} depend on each other")


def _droppable(raw: Raw) -> list[str]:
    """Return the dependencies that may be dropped: those without a structural reference."""
    fixed = {raw.get("parent"), raw.get("deletedWith"), (raw.get("provider") or "").rpartition("::")[0]}
    return [urn for kind, urn in references(raw) if kind.endswith("dependency") and urn not in fixed]


def without_dependency(raw: Raw, urn: str) -> Raw:
    """Return the resource without a dependency, in both places that list them."""
    changed = dict(raw)
    if "dependencies" in raw:
        changed["dependencies"] = [item for item in raw["dependencies"] or () if item != urn]
    if "propertyDependencies" in raw:
        changed["propertyDependencies"] = {
            name: [item for item in urns or () if item != urn]
            for name, urns in (raw["propertyDependencies"] or {}).items()
        }
    return changed
