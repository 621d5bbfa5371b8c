"""Ownership: decide from tags and CloudFormation whose an existing resource is.

One function for all types. Only what is ours may be changed, tagged or deleted; everything else is refused, or taken
by an adopt step that a person agreed to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stateroom.cloud.provider import Owner
from stateroom.model.ownership import Claim, Existing, Ownership

OWNER_PREFIX: Final = "stateroom:"
SERVICE: Final = "stateroom:service"
STAGE: Final = "stateroom:stage"
RESOURCE: Final = "stateroom:resource"
LINEAGE: Final = "stateroom:lineage"
HOME: Final = "stateroom:home"
STACK_NAME: Final = "aws:cloudformation:stack-name"
STACK_ID: Final = "aws:cloudformation:stack-id"


StackOf = Callable[[str], str | None]
"""Physical id → name of the stack that it is part of; "" when it is part of none, None when that may not be asked."""


def owner_tags(owner: Owner) -> dict[str, str]:
    """Tags that mark a resource as this owner's."""
    tags = {SERVICE: owner.service, STAGE: owner.stage, RESOURCE: owner.logical_id}
    later = {LINEAGE: owner.lineage, HOME: owner.home}
    return tags | {key: value for key, value in later.items() if value}


def names_resource(tags: Mapping[str, str], owner: Owner) -> bool:
    """Whether tags name the owner's service, stage and resource, of whatever lineage."""
    return (tags.get(SERVICE), tags.get(STAGE), tags.get(RESOURCE)) == (owner.service, owner.stage, owner.logical_id)


def owned_by(tags: Mapping[str, str], owner: Owner) -> bool:
    """Whether tags say that the resource is this owner's, of this lineage."""
    return names_resource(tags, owner) and tags.get(LINEAGE, "") == owner.lineage


def of_state(tags: Mapping[str, str], owner: Owner) -> bool:
    """Whether tags name the owner's state, whichever resource of it; tags without a lineage name every one."""
    same = (tags.get(SERVICE), tags.get(STAGE)) == (owner.service, owner.stage)
    return same and tags.get(LINEAGE, owner.lineage) == owner.lineage and not _stack_of(tags)


def ownership(existing: Existing, owner: Owner, stack_of: StackOf) -> Ownership:
    """Decide whose a resource is.

    Tags decide where they name an owner. Else CloudFormation is asked by physical id, because 19 of the 36 types that
    the Serverless Framework deploys bear no tags. A refusal to answer is never taken for "nobody's".
    """
    tags = existing.tags or {}
    stack = _stack_of(tags)
    if stack:
        return Ownership(existing.physical_id, Claim.STACK, stack)
    if SERVICE in tags:
        return _of_state(existing.physical_id, tags, owner)
    found = stack_of(existing.physical_id)
    if found is None:
        return Ownership(existing.physical_id, Claim.UNKNOWN)
    return Ownership(existing.physical_id, Claim.STACK if found else Claim.NOBODY, found)


def contested(existing: Existing, owner: Owner) -> Ownership | None:
    """Tell who claims a resource that stands in the owner's state; None when nobody else does.

    Missing tags are no claim: resources made before there were lineages have none, and people remove tags.
    """
    tags = existing.tags or {}
    stack = _stack_of(tags)
    if stack:
        return Ownership(existing.physical_id, Claim.STACK, stack)
    if tags.get(LINEAGE, owner.lineage) != owner.lineage:
        return _of_state(existing.physical_id, tags, owner)
    return None


def _of_state(physical_id: str, tags: Mapping[str, str], owner: Owner) -> Ownership:
    marked = tags.get(LINEAGE, "")
    named = names_resource(tags, owner)
    if not marked:
        claim = Claim.UNMARKED if named else Claim.STATE
    elif marked == owner.lineage and (tags.get(SERVICE), tags.get(STAGE)) == (owner.service, owner.stage):
        claim = Claim.OURS if named else Claim.RENAMED
    else:
        claim = Claim.STATE
    service = f"{tags.get(SERVICE, '')}/{tags.get(STAGE, '')}"
    return Ownership(physical_id, claim, tags.get(HOME, ""), service, tags.get(RESOURCE, ""))


def _stack_of(tags: Mapping[str, str]) -> str:
    """Name of the stack that tags name, if need be from its ARN: `arn:aws:cloudformation:…:stack/NAME/ID`."""
    parts = tags.get(STACK_ID, "").split("/")
    return tags.get(STACK_NAME) or (parts[1] if len(parts) > 1 else "")
