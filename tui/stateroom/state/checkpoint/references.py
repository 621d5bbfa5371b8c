"""References between the resources of a state file: list, remove and rename them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from stateroom.model.values import Value
from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.checkpoint.integrity import references
from stateroom.state.checkpoint.tokens import STACK_TYPE

_LISTS = ("dependencies", "replaceWith")


def targets(raw: Raw) -> set[str]:
    """Return the URNs of everything that a resource refers to, its provider included."""
    found = {urn for _, urn in references(raw)}
    if provider := raw.get("provider"):
        found.add(provider_urn(provider))
    return found


def provider_urn(reference: str) -> str:
    """Return the URN in a provider reference, `<urn>::<id>`."""
    return reference.rpartition("::")[0]


def referrers(resources: Iterable[Raw]) -> dict[str, list[Raw]]:
    """Map each URN to the resources that refer to it, in file order."""
    found: dict[str, list[Raw]] = {}
    for raw in resources:
        for urn in targets(raw):
            found.setdefault(urn, []).append(raw)
    return found


def dependants(resources: Sequence[Raw], chosen: Iterable[str]) -> list[Raw]:
    """Return everything that refers to the chosen URNs, directly or not, in file order.

    The chosen resources are not among them.
    """
    by_target = referrers(resources)
    start = set(chosen)
    reached, queue = set(start), list(start)
    while queue:
        for raw in by_target.get(queue.pop(), ()):
            if raw["urn"] not in reached:
                reached.add(raw["urn"])
                queue.append(raw["urn"])
    return [raw for raw in resources if raw["urn"] in reached - start]


def without_references(raw: Raw, gone: Callable[[str], bool], parent: str = "") -> Raw:
    """Return the resource without references to removed URNs; `parent` replaces a removed parent.

    The same object when no reference had to be removed. The provider is left alone: without it there is no resource.
    """
    changed: Raw = {}
    if raw.get("parent") and gone(raw["parent"]):
        changed["parent"] = parent
    for key in _LISTS:
        if any(gone(urn) for urn in raw.get(key) or ()):
            changed[key] = [urn for urn in raw[key] if not gone(urn)]
    properties: Mapping[str, list[str] | None] = raw.get("propertyDependencies") or {}
    if any(gone(urn) for urns in properties.values() for urn in urns or ()):
        kept = {name: [urn for urn in urns or () if not gone(urn)] for name, urns in properties.items()}
        changed["propertyDependencies"] = kept
    if raw.get("deletedWith") and gone(raw["deletedWith"]):
        changed["deletedWith"] = ""
    if not changed:
        return raw
    return {key: value for key, value in {**raw, **changed}.items() if value != "" or key not in changed}


def rename_urns(value: Value, name: Callable[[str], str]) -> Value:
    """Apply `name` to every text in a value.

    URNs occur in parents, dependencies, aliases and outputs.
    """
    if isinstance(value, str):
        return name(value)
    if isinstance(value, dict):
        return {key: rename_urns(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [rename_urns(item, name) for item in value]
    return value


def root_of(resources: Iterable[Raw]) -> str:
    """Return the URN of the root stack; empty when there is none."""
    return next((raw["urn"] for raw in resources if raw["type"] == STACK_TYPE and not raw.get("delete")), "")
