"""What a search for orphans found, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Orphan:
    """Resource that bears our mark.

    Args:
        type: resource type; "" when only its ARN is known.
        physical_id: CloudFormation's Ref, or that ARN.
        arn: its ARN, where its reader tells one.
        region: where it is.
        service, stage, logical_id, lineage, home: what its tags say.
        lineage_of: `orders/dev`, whose state has that lineage; "" when no state of the home has it.
        parts: what hangs on it, bears no tags, and goes with it: `Statements x`.
        why_not: why it cannot be said to be in no state; "" for an orphan.
    """

    type: str
    physical_id: str
    arn: str
    region: str
    service: str
    stage: str
    logical_id: str
    lineage: str = ""
    home: str = ""
    lineage_of: str = ""
    parts: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def address(self) -> str:
        """`orders/dev/OrdersQueue`."""
        return f"{self.service}/{self.stage}/{self.logical_id}"

    @property
    def names(self) -> frozenset[str]:
        """What a user may call it."""
        return frozenset(
            filter(
                None, (self.physical_id, self.arn, self.address, f"{self.service}/{self.logical_id}", self.logical_id)
            )
        )


@dataclass(frozen=True, slots=True)
class OrphanReport:
    """Result of a search.

    Args:
        orphans: in no state of the home.
        unsayable: of the home, and what may hold them could not be read, or is changing now.
        elsewhere: made by another home, which was not looked at.
        unread: `orders/dev` → why its state could not be read.
        unasked: types that could not be asked for, and why.
        places: what was looked at: account and region.
    """

    orphans: tuple[Orphan, ...] = ()
    unsayable: tuple[Orphan, ...] = ()
    elsewhere: tuple[Orphan, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    unasked: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
