"""Ownership of a resource that exists before stateroom makes it: ours, another state's, a stack's, nobody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Claim(StrEnum):
    """Whose an existing resource is."""

    OURS = "ours"  # its tags name this state and this resource of it
    STATE = "another state's"  # tagged by stateroom for another lineage, service, stage or resource
    RENAMED = "this state's under another name"  # our lineage, and another logical id of this state
    UNMARKED = "of a state without lineage"  # tagged for this very resource, before there were lineages
    STACK = "a stack's"  # CloudFormation made it
    NOBODY = "nobody's"  # it exists, and no tag or stack claims it
    UNKNOWN = "unknown"  # who made it may not be asked


@dataclass(frozen=True, slots=True)
class Existing:
    """A resource that a create would meet, or that an earlier create with the same inputs made.

    Args:
        physical_id: what CloudFormation's Ref answers for it.
        tags: all of its tags, those of AWS included; None for a type that bears none.
        collides: False when a create makes another one next to it, because its name need not be unique.
    """

    physical_id: str
    tags: Mapping[str, str] | None = None
    collides: bool = True


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a resource is, and where its owner is to be found.

    Args:
        physical_id: the resource.
        claim: the kind of owner.
        holder: the stack's name, or the home that the tags name; "" when unknown.
        service: `shop/dev` of another state; "" for other claims.
        resource: logical id that the tags name.
    """

    physical_id: str
    claim: Claim
    holder: str = ""
    service: str = ""
    resource: str = ""


@dataclass(frozen=True, slots=True)
class MarkedResource:
    """Resource that bears stateroom's tags.

    Args:
        type: resource type; "" when only its ARN is known.
        physical_id: CloudFormation's Ref, or that ARN.
        tags: all of its tags.
    """

    type: str
    physical_id: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MarkedSearch:
    """What bears our mark in an account and region; `unasked` says which types could not be asked for, and why."""

    found: tuple[MarkedResource, ...] = ()
    unasked: Mapping[str, str] = field(default_factory=dict)
