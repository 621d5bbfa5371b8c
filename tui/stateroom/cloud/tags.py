"""Tags in the two forms that AWS has, and what they say of a resource's owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

from stateroom.cloud.ownership import (
    HOME,
    LINEAGE,
    OWNER_PREFIX,
    RESOURCE,
    SERVICE,
    STAGE,
    names_resource,
    of_state,
    owned_by,
    owner_tags,
)
from stateroom.cloud.provider import Owner
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal

__all__ = ["HOME", "LINEAGE", "OWNER_PREFIX", "RESOURCE", "SERVICE", "STAGE", "of_state", "owned_by", "owner_tags"]

NOT_THE_USERS: Final = (OWNER_PREFIX, "aws:")


def wanted(inputs: Properties, owner: Owner, *, property: str = "Tags") -> dict[str, str]:  # noqa: A002
    """Return all tags of a resource: the user's (list or map under `property`) and the owner's."""
    return from_list(inputs.get(property)) | owner_tags(owner)


def difference(
    current: Mapping[str, str], wanted: Mapping[str, str], known: Set[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the tags to set and the keys to remove from `current` to `wanted`.

    Only what is `known` to have been set by us goes (`known_keys`): tags of cost tools, of colleagues and of AWS stay.
    """
    to_set = {key: value for key, value in wanted.items() if current.get(key) != value}
    to_remove = tuple(key for key in current if key not in wanted and key in known)
    return to_set, to_remove


def known_keys(previous: Properties, *, property: str = "Tags") -> frozenset[str]:  # noqa: A002
    """Return the keys that a change may remove: those that were set before, and marks that name an owner."""
    return frozenset({*from_list(previous.get(property)), SERVICE, STAGE, RESOURCE, LINEAGE, HOME})


def replacing(current: Mapping[str, str], wanted: Mapping[str, str], known: Set[str]) -> dict[str, str]:
    """Return all tags for an API that replaces them as a whole: the wanted ones, and those of others."""
    others = {key: value for key, value in current.items() if key not in known and not key.startswith("aws:")}
    return {**others, **wanted}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return `[{"Key": …, "Value": …}]`, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def from_list(tags: Iterable[Mapping[str, Any]] | Mapping[str, Any] | None) -> dict[str, str]:
    """Return tags as a map, from either form; keys may be `Key`/`Value`, `key`/`value` or `TagKey`/`TagValue`."""
    if not tags:
        return {}
    if isinstance(tags, Mapping):
        return {str(key): str(reveal(value)) for key, value in tags.items()}
    return {_part(tag, "Key"): _part(tag, "Value") for tag in tags}


def _part(tag: Mapping[str, Any], name: str) -> str:
    value = reveal(tag.get(name, tag.get(name.lower(), tag.get(f"Tag{name}"))))
    return "" if value is None else str(value)


def user_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return only the user's tags."""
    return {key: value for key, value in tags.items() if not key.startswith(NOT_THE_USERS)}


def ours(existing: Existing | None, owner: Owner) -> str | None:
    """Physical id of what a create that was begun has made; None when it is not there, or not the owner's.

    What bears no tags cannot tell, and is taken for the one that was begun: the plan saw that none was there before.
    """
    if existing is None or (existing.tags is not None and not owned_by(existing.tags, owner)):
        return None
    return existing.physical_id


def named(candidates: Iterable[tuple[str, Mapping[str, str]]], owner: Owner) -> Existing | None:
    """Among (physical id, tags) of a type whose names need not be unique, the one whose tags name the owner.

    One of the owner's own lineage goes before one of another.
    """
    alike = [Existing(name, tags, collides=False) for name, tags in candidates if names_resource(tags, owner)]
    return next((item for item in alike if owned_by(item.tags or {}, owner)), alike[0] if alike else None)
