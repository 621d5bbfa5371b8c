"""How the resources of a state file hold together: who refers to whom, and how a reference is taken out or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from stateroom.model.values import Value
from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.checkpoint.integrity import references
from stateroom.state.checkpoint.tokens import STACK_TYPE

_LISTS = ("dependencies", "replaceWith")


def targets(raw: Raw) -> set[str]:
    """URNs of everything that a resource refers to, its provider included."""
    found = {urn for _, urn in references(raw)}
    if provider := raw.get("provider"):
        found.add(provider_urn(provider))
    return found


def provider_urn(reference: str) -> str:
    """The URN in a provider reference, `<urn>::<id>`."""
    return reference.rpartition("::")[0]


def referrers(resources: Iterable[Raw]) -> dict[str, list[Raw]]:
    """Who refers to a URN, in file order."""
    found: dict[str, list[Raw]] = {}
    for raw in resources:
        for urn in targets(raw):
            found.setdefault(urn, []).append(raw)
    return found


def dependants(resources: Sequence[Raw], chosen: Iterable[str]) -> list[Raw]:
    """Everything that refers to the chosen URNs, directly or through others, in file order; the chosen left out."""
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
    """The resource without references to URNs that are gone; `parent` takes the place of a parent that is.

    The same object when nothing had to be taken out. The provider is left alone: without it there is no resource.
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
    """The value with every text in it put through `name`: URNs stand in parents, dependencies, aliases and outputs."""
    if isinstance(value, str):
        return name(value)
    if isinstance(value, dict):
        return {key: rename_urns(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [rename_urns(item, name) for item in value]
    return value


def root_of(resources: Iterable[Raw]) -> str:
    """The URN of the root stack; empty when there is none."""
    return next((raw["urn"] for raw in resources if raw["type"] == STACK_TYPE and not raw.get("delete")), "")
