"""Inventory of a reset before any change, and the checks that forbid a reset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stateroom.engine.reset.progress_file import ProgressFile
from stateroom.errors import LockedError, StateError
from stateroom.state.homes.bootstrap import LOST, RESETTING, UNREADABLE, Bootstrap, Bucket, Part, Tenant
from stateroom.state.locks.lock import RESET


@dataclass(frozen=True, slots=True)
class Inventory:
    """Objects and states that a reset moves, with their owners and sizes."""

    name: str  # of the home
    account: str
    parts: tuple[Part, ...]
    tenants: tuple[Tenant, ...]
    sizes: tuple[tuple[str, int, int], ...]  # bucket, versions, bytes
    directory: Path  # of the backup
    begun: str  # when the reset was begun that is continued, ISO 8601; "" for a new one
    remarks: tuple[str, ...]  # what this home cannot do, and what to mind

    @property
    def resumed(self) -> bool:
        """Whether an unfinished reset is continued."""
        return bool(self.begun)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to reset."""
        return not self.sizes and not self.resumed and not any(part.exists for part in self.parts)


def take_inventory(bootstrap: Bootstrap, buckets: Sequence[Bucket], notes: ProgressFile) -> Inventory:
    """Take the inventory of a home. Changes nothing.

    Raises:
        StateError: the unfinished reset in the directory is another home's.
    """
    account = bootstrap.account
    theirs = (notes.text("home"), notes.text("account"))
    if notes and theirs != (bootstrap.name, account):
        raise StateError(
            f"{notes.directory} holds an unfinished reset of {theirs[0]} in account {theirs[1]}",
            why=f"this is {bootstrap.name} in account {account}",
            todo="choose the profile and home that it was begun with, or another --backup directory",
        )
    sizes = []
    for bucket in buckets:
        if bucket.buckets.exists(bucket.name):
            versions = list(bucket.store.versions())
            sizes.append((bucket.name, len(versions), sum(item.size for item in versions)))
    return Inventory(
        bootstrap.name,
        account,
        bootstrap.parts(),
        bootstrap.tenants(),
        tuple(sizes),
        notes.directory,
        notes.text("begun"),
        bootstrap.remarks,
    )


def refuse_unclear(bootstrap: Bootstrap) -> None:
    """Raise StateError when the home's parts are ambiguous, or another process is resetting it."""
    for part in bootstrap.parts():
        if part.problem in (LOST, UNREADABLE):
            raise StateError(
                f"the parameter {part.name} in {part.region}: {part.problem}",
                why="nothing was changed: it is not clear which buckets belong to the home",
                todo="`stateroom reset --only missing` first",
            )
        if part.problem == RESETTING:
            raise StateError(
                f"{part.name}: {part.problem} already",
                why="nothing was changed: what is missing in the home is in the backup of that reset",
                todo="whoever began it continues it; --backup names its directory",
            )


def refuse_locked(bootstrap: Bootstrap) -> None:
    """Raise LockedError when an operation runs on one of the states."""
    for tenant in bootstrap.tenants():
        if tenant.lock and tenant.lock.holder.command != RESET:
            raise LockedError(
                f"{tenant.service}/{tenant.stage} is locked by {tenant.lock}",
                why="nothing was removed: an operation may be writing its state right now",
                todo="wait for it; if it is sure that nothing runs any more, `stateroom unlock`",
            )
