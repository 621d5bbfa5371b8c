"""Tags in AWS's two forms, and the three owner tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from stateroom.cloud.provider import Owner
from stateroom.model.values import Properties, reveal

OWNER_PREFIX: Final = "stateroom:"
SERVICE: Final = "stateroom:service"
STAGE: Final = "stateroom:stage"
RESOURCE: Final = "stateroom:resource"
_NOT_THE_USERS: Final = (OWNER_PREFIX, "aws:")


def owner_tags(owner: Owner) -> dict[str, str]:
    """Return the tags that mark a resource as this owner's."""
    return {SERVICE: owner.service, STAGE: owner.stage, RESOURCE: owner.logical_id}


def wanted(inputs: Properties, owner: Owner, *, property: str = "Tags") -> dict[str, str]:  # noqa: A002
    """Return all tags of a resource: the user's (list or map under `property`) and the owner's."""
    return from_list(inputs.get(property)) | owner_tags(owner)


def difference(current: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the tags to set and the keys to remove from `current` to `wanted`.

    `aws:*` tags are AWS's and stay.
    """
    to_set = {key: value for key, value in wanted.items() if current.get(key) != value}
    to_remove = tuple(key for key in current if key not in wanted and not key.startswith("aws:"))
    return to_set, to_remove


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return `[{"Key": …, "Value": …}]`, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def from_list(tags: Iterable[Mapping[str, Any]] | Mapping[str, Any] | None) -> dict[str, str]:
    """Return tags as a map, from either form; keys may be `Key`/`Value` or `key`/`value`."""
    if not tags:
        return {}
    if isinstance(tags, Mapping):
        return {str(key): str(reveal(value)) for key, value in tags.items()}
    return {_part(tag, "Key"): _part(tag, "Value") for tag in tags}


def _part(tag: Mapping[str, Any], name: str) -> str:
    value = reveal(tag.get(name, tag.get(name.lower())))
    return "" if value is None else str(value)


def user_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return only the user's tags."""
    return {key: value for key, value in tags.items() if not key.startswith(_NOT_THE_USERS)}


def owned_by(tags: Mapping[str, str], owner: Owner) -> bool:
    """Tell whether the tags mark this owner's resource."""
    return all(tags.get(key) == value for key, value in owner_tags(owner).items())
