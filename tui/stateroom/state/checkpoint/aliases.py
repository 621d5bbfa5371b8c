"""Follow aliases: URNs that a resource had before it was renamed or moved.

Pulumi puts the present URN in the place of an alias wherever one resource refers to another, when it loads a state
(`Snapshot.NormalizeURNReferences` in pulumi/pulumi, pkg/resource/deploy/snapshot.go). So does this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_LISTS = ("dependencies", "replaceWith")


def with_aliases_followed(resources: Sequence[Any]) -> Sequence[Any]:
    """Return resources that refer to present URNs; the same object when none refers to an alias."""
    present = _present(resources)
    if not present:
        return resources
    followed = [_followed(raw, present) if isinstance(raw, dict) else raw for raw in resources]
    return followed if any(new is not old for new, old in zip(followed, resources, strict=True)) else resources


def aliases_of(raw: Mapping[str, Any]) -> list[str]:
    """Return the earlier URNs of a resource."""
    found = raw.get("aliases")
    return [urn for urn in found if isinstance(urn, str)] if isinstance(found, list) else []


def _present(resources: Sequence[Any]) -> dict[str, str]:
    """Return the present URN of every alias that is no resource's own URN; of two claims the first counts."""
    shaped = [raw for raw in resources if isinstance(raw, dict) and isinstance(raw.get("urn"), str)]
    own = {raw["urn"] for raw in shaped}
    present: dict[str, str] = {}
    for raw in shaped:
        for alias in aliases_of(raw):
            if alias not in own:
                present.setdefault(alias, raw["urn"])
    return present


def _followed(raw: dict[str, Any], present: Mapping[str, str]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key in ("parent", "deletedWith"):
        if isinstance(raw.get(key), str) and raw[key] in present:
            changed[key] = present[raw[key]]
    for key in _LISTS:
        if isinstance(raw.get(key), list) and any(_is_alias(urn, present) for urn in raw[key]):
            changed[key] = [present[urn] if _is_alias(urn, present) else urn for urn in raw[key]]
    properties = raw.get("propertyDependencies")
    if isinstance(properties, dict):
        lists = [urns for urns in properties.values() if isinstance(urns, list)]
        if any(_is_alias(urn, present) for urns in lists for urn in urns):
            changed["propertyDependencies"] = {
                name: [present[urn] if _is_alias(urn, present) else urn for urn in urns]
                if isinstance(urns, list)
                else urns
                for name, urns in properties.items()
            }
    provider, _, id_ = str(raw.get("provider") or "").rpartition("::")
    if provider in present:
        changed["provider"] = f"{present[provider]}::{id_}"
    return {**raw, **changed} if changed else raw


def _is_alias(urn: object, present: Mapping[str, str]) -> bool:
    return isinstance(urn, str) and urn in present
