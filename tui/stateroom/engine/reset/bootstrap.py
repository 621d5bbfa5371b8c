"""Inspect, create and repair a home's bootstrap: what must exist before the first deploy."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import (
    ABSENT,
    GONE,
    LOST,
    NEVER,
    RESETTING,
    UNNAMED,
    UNREADABLE,
    UNVERSIONED,
    Bootstrap,
    Bucket,
    Inspected,
    Part,
    Tenant,
)
from stateroom.state.tools.backup import Backup

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Status:
    """Status of a home: its pointers, its existing parts, and the states in it."""

    name: str
    account: str
    parts: tuple[Part, ...]
    tenants: tuple[Tenant, ...]

    @property
    def problems(self) -> tuple[Part, ...]:
        """Return the parts that hide or endanger states; missing parts of a new home are no problem."""
        return tuple(part for part in self.parts if part.problem not in ("", NEVER, UNNAMED))


def look(home: Inspected) -> Status:
    """Inspect a home. Changes nothing. Raises StateError when the cloud cannot be asked."""
    return Status(home.name, home.account, home.parts(), home.tenants())


def create(bootstrap: Bootstrap, say: Say) -> int:
    """Create every part of a new home; returns the number of parts.

    Raises:
        StateError: something is gone that was there once; `repair` deals with that.
    """
    status = look(bootstrap)
    if part := next((part for part in status.problems if part.problem != ABSENT), None):
        raise StateError(
            f"{part.kind} {part.name}: {part.problem}",
            why="a new one would hide what is still there",
            todo="`stateroom reset --only missing` repairs it",
        )
    return _make_never(bootstrap, status.parts, say)


def repair(bootstrap: Bootstrap, say: Say, *, choices: Collection[str] = (), backup: Path | None = None) -> int:
    """Restore deleted parts of a bootstrap and change nothing else; returns the number of changes.

    Args:
        bootstrap: of the home.
        say: told of each thing that is done.
        choices: the buckets to go on with where several come into question.
        backup: of an earlier reset: objects in it that the buckets have lost since are put back.

    Raises:
        StateError: several buckets come into question; names them. Or a reset is under way.
    """
    parts, done, pointed = bootstrap.parts(), 0, []
    for part in parts:
        others = [other for other in parts if other.problem == UNNAMED and other.role == part.role]
        if part.problem == RESETTING:
            pointed.append(_opened(bootstrap, part, others, choices, say))
        elif part.kind == "parameter" and part.problem in (LOST, UNREADABLE):
            pointed.append(_bucket_for_pointer(bootstrap, part, others, choices, say))
        elif part.kind == "bucket" and part.problem in (GONE, ABSENT):
            wanted = _choose(part, others, choices)
            bucket = bootstrap.open(wanted.role, wanted.name, wanted.region)
            if wanted is not part:
                pointed.append(bucket)
                say(f"{wanted.name} takes the place of {part.name}")
            else:
                bootstrap.make(bucket)
                say(f"made {wanted.name} again, empty")
        elif part.kind == "bucket" and part.problem == UNVERSIONED:
            bootstrap.make(bootstrap.open(part.role, part.name, part.region))
            say(f"{part.name} keeps versions again")
        else:
            continue
        done += 1
    if pointed:
        bootstrap.point(pointed)
    if backup:
        done += _put_back(bootstrap, Backup(backup), say)
    rest = bootstrap.make_rest()
    for name in rest:
        say(f"made {name}")
    return done + len(rest)


def _make_never(bootstrap: Bootstrap, parts: tuple[Part, ...], say: Say) -> int:
    fresh, done = [], 0
    for part in parts:
        if part.problem not in (NEVER, ABSENT):
            continue
        if part.kind == "parameter":
            fresh.append(bootstrap.fresh(part.role))
        elif part.kind == "bucket":
            # It has but one name, or a parameter names it that a run had just written when it was cut off.
            bootstrap.make(bootstrap.open(part.role, part.name, part.region))
            say(f"made {part.name}")
            done += 1
    if fresh:
        bootstrap.point(fresh)
    for bucket in fresh:
        bootstrap.make(bucket)
        say(f"made {bucket.name}")
    rest = bootstrap.make_rest()
    for name in rest:
        say(f"made {name}")
    return done + len(fresh) + len(rest)


def _bucket_for_pointer(
    bootstrap: Bootstrap, pointer: Part, others: list[Part], choices: Collection[str], say: Say
) -> Bucket:
    named = [part for part in others if part.name in choices] or others
    if len(named) > 1:
        raise _several(f"the parameter {pointer.name} in {pointer.region}: {pointer.problem}", named)
    if not named:
        bucket = bootstrap.fresh(pointer.role)
        bootstrap.make(bucket)
        say(f"made {bucket.name}, named by {pointer.name}")
        return bucket
    say(f"{pointer.name} names {named[0].name} again")
    return bootstrap.open(named[0].role, named[0].name, named[0].region)


def _opened(bootstrap: Bootstrap, pointer: Part, others: list[Part], choices: Collection[str], say: Say) -> Bucket:
    """Return the bucket that was chosen after a lost backup. Raises StateError without a choice."""
    there = {pointer.points_at: pointer.region} | {part.name: part.region for part in others}
    for name, region in there.items():
        if name in choices:
            say(f"{pointer.name} names {name}, and no reset any more")
            return bootstrap.open(pointer.role, name, region)
    raise StateError(
        "the home is being reset",
        why="what is missing is in the backup of that reset",
        todo="`stateroom reset` continues it, where it was begun; if its backup is lost, --bucket names the bucket to "
        f"go on with as it is: {', '.join(there)}",
    )


def _choose(named: Part, others: list[Part], choices: Collection[str]) -> Part:
    """Choose the bucket that replaces a deleted one."""
    for part in (named, *others):
        if part.name in choices:
            return part
    if others:
        raise _several(f"the bucket {named.name} does not exist any more", [*others, named])
    return named


def _several(what: str, parts: list[Part]) -> StateError:
    names = ", ".join(part.name for part in parts)
    return StateError(
        what,
        why=f"these come into question: {names}",
        todo="`stateroom bootstrap status` shows whose states are in them; choose one with --bucket NAME",
    )


def _put_back(bootstrap: Bootstrap, saved: Backup, say: Say) -> int:
    saved.check()
    total = 0
    for bucket in bootstrap.buckets():
        if bucket.buckets.exists(bucket.name):
            count = saved.fill(bucket.role, list(bucket.store.versions()), bucket.copies)
            total += count
            say(f"put {count} objects back into {bucket.name}")
    return total
