"""The order of resources in a checkpoint: whatever is referred to stands before what refers to it."""

from __future__ import annotations

from stateroom.errors import StateError
from stateroom.model.graph import CycleError, topological_order
from stateroom.state.integrity import references
from stateroom.state.resources import Raw, is_record


def ordered(resources: list[Raw]) -> list[Raw]:
    """The resources as given if their order holds, else moved as little as a topological sort does.

    Two resources can come to depend on each other when only part of a change was deployed. Then the dependency that
    closes the cycle is dropped: it only orders later deletes, and refusing to store the state would lose far more.

    Raises:
        StateError: a cycle among resources that stateroom did not write.
    """
    while not _holds(resources):
        graph = _graph(resources)
        try:
            return [resources[int(node)] for node in topological_order(graph)]
        except CycleError as error:
            resources = _cut(resources, int(error.path[-2]), int(error.path[-1]))
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


def _cut(resources: list[Raw], source: int, target: int) -> list[Raw]:
    raw, urn = resources[source], resources[target]["urn"]
    if not is_record(raw) or urn not in (raw.get("dependencies") or ()):
        raise StateError(f"state integrity failure: {raw['urn']} and {urn} depend on each other")
    changed = {**raw, "dependencies": [item for item in raw["dependencies"] if item != urn]}
    if "propertyDependencies" in raw:
        changed["propertyDependencies"] = {
            name: [item for item in urns or () if item != urn] for name, urns in raw["propertyDependencies"].items()
        }
    return [changed if index == source else item for index, item in enumerate(resources)]
