"""Standing of a service in words: what was cut off, what runs, who holds the lock, what its state needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from stateroom.model.standing import NO_STATE, Gravity, Interruption, Standing
from stateroom.model.version import Lock
from stateroom.presentation.text import plain
from stateroom.presentation.values import age

_ASK = "`stateroom state pending` asks again or drops it"
_SHOWN = 3  # names of open steps in one line
_OPERATIONS = frozenset({"deploy", "refresh", "heal", "accept", "remove", "rollback"})


def standing_lines(standing: Standing, now: datetime) -> Iterator[str]:
    """Yield a line for each thing to be known about a service, the gravest first; none when all is well."""
    if standing.interrupted:
        yield _interruption(standing.interrupted, now)
    if standing.lock:
        yield lock_line(standing.lock, now, abandoned=standing.abandoned)
    for item in standing.pending:
        yield plain(f"{item.logical_id}: {item.verdict}; {_ASK}; `stateroom state repair` asks, too")
    for problem in standing.problems:
        yield plain(f"{problem.text}; {problem.remedy}")


def standing_remarks(standing: Standing) -> Iterator[str]:
    """Yield the same in lines of about forty columns, for a narrow pane; a lock by its sign only."""
    interrupted = standing.interrupted
    if interrupted and interrupted.running:
        yield plain(f"{interrupted.command} is running: {_progress(interrupted)}")
    elif interrupted:
        yield plain(f"{interrupted.command} was cut off after {_progress(interrupted)}")
        yield plain(_next(interrupted, brief=True))
    if standing.pending:
        first, *more = standing.pending
        yield plain(f"{first.logical_id}{f' and {len(more)} more' if more else ''}: outcome not known")
        yield _ASK
    for problem in standing.problems:
        if problem.gravity is not Gravity.NOTE or problem.rule == NO_STATE:
            yield plain(problem.text)
            yield plain(problem.remedy)


def standing_sign(standing: Standing) -> str:
    """One letter: `B` a broken state, `I` interrupted, `P` pending, `L` locked; a blank when all is well."""
    if standing.broken:
        return "B"
    if standing.interrupted and not standing.interrupted.running:
        return "I"
    if standing.unfinished:
        return "P"
    return "L" if standing.lock else " "


def lock_line(lock: Lock, now: datetime, *, abandoned: bool) -> str:
    """Say who holds a lock, or who has left it behind."""
    holder = lock.holder
    who = f"{holder.user}@{holder.host} ({holder.command}), {age(lock.since, now)}"
    if abandoned:
        return plain(f"the lock was left behind by {who} ago: that process has ended; the next operation breaks it")
    return plain(f"locked by {who}")


def standing_json(standing: Standing | None) -> dict[str, Any]:
    """Convert a standing to JSON.

    Keys: interrupted (null, or update_id, command, by, since, running, finished, total, open: logical_id, type and
    action of the open steps, next), lock_abandoned, pending (logical_id, type, action, since, why), problems (rule,
    text, remedy, gravity: broken, open or note).
    """
    standing = standing or Standing()
    found = standing.interrupted
    return {
        "interrupted": found
        and {
            "update_id": found.update_id,
            "command": found.command,
            "by": found.by or None,
            "since": found.since.isoformat() if found.since else None,
            "running": found.running,
            "finished": found.finished,
            "total": found.total or None,
            "open": [
                {"logical_id": step.logical_id, "type": step.type, "action": step.action} for step in found.open_steps
            ],
            "next": "" if found.running else _next(found),
        },
        "lock_abandoned": standing.abandoned,
        "pending": [
            {name: getattr(item, name) for name in ("logical_id", "type", "action", "since", "why")}
            for item in standing.pending
        ],
        "problems": [
            {"rule": item.rule, "text": item.text, "remedy": item.remedy, "gravity": item.gravity.value}
            for item in standing.problems
        ],
    }


def _interruption(found: Interruption, now: datetime) -> str:
    by = f" by {found.by}" if found.by else ""
    since = age(found.since, now)
    if found.running:
        return plain(f"{found.command}{by} is running{f', for {since}' if since else ''}: {_progress(found)}")
    when = f", begun {since} ago," if since else ""
    return plain(f"{found.command}{by}{when} was cut off after {_progress(found)}; {_next(found)}")


def _progress(found: Interruption) -> str:
    if found.stored:
        return "its state was stored"
    of = f" of {found.total}" if found.total else ""
    many = (found.total or found.finished) != 1
    return f"{found.finished}{of} step{'s' if many else ''}" + (" finished" if found.running else "")


def _next(found: Interruption, *, brief: bool = False) -> str:
    """Say what the next operation does about it."""
    count = len(found.open_steps)
    goes_on = found.command if found.command in _OPERATIONS and not found.stored else ""
    onwards = f"{goes_on} goes on from there" if goes_on else "any operation takes it up"
    if not count:
        return onwards
    steps = f"{count} open step{'s' if count != 1 else ''}"
    if brief:
        return f"{onwards}; {steps}"
    names = ", ".join(step.logical_id for step in found.open_steps[:_SHOWN])
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    return f"{onwards}; any operation first asks the cloud about {steps}: {names}{more}"
