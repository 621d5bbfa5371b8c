"""What a home consists of and whose states are in it, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from stateroom.presentation.text import plain
from stateroom.presentation.values import age

if TYPE_CHECKING:
    from stateroom.engine.reset.inventory import Inventory
    from stateroom.state.homes.bootstrap import Part, Tenant


def part_state(part: Part) -> str:
    """`names sst-state-abc`, `there, 12 objects`, or what is wrong with it."""
    if part.problem:
        return part.problem
    return f"names {part.points_at}" if part.points_at else f"there{part.holds and f', {part.holds}'}"


def tenant_row(tenant: Tenant, now: datetime) -> tuple[str, ...]:
    """Service, stage, tool, region, when it was written, who holds its lock, what is wrong with it."""
    when = f"{age(tenant.modified, now)} ago" if tenant.modified else ""
    held = f"locked by {tenant.lock.holder.user}@{tenant.lock.holder.host}" if tenant.lock else ""
    tool = "serverless (CloudFormation)" if tenant.tool == "serverless" else tenant.tool
    return plain(tenant.service), plain(tenant.stage), tool, tenant.region, when, plain(held), tenant.problem


def no_way_back(inventory: Inventory) -> tuple[str, ...]:
    """Explain, before the first step that deletes, what a reset does and that there is no way back."""
    return (
        f"Everything is saved in {inventory.directory}.",
        "From here on there is no way back: what is in the buckets is deleted, and restored from the backup.",
        "Until the end nobody can open the home. A run that is cut off is continued by the next `stateroom reset`.",
    )
