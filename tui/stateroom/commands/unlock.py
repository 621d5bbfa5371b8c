"""Break a lock that was left behind.

Shows who holds it, from where and since when, and asks. Breaking the lock of an operation that still runs can damage
the state, so look first.
"""

from __future__ import annotations

import argparse
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.services import selected_services
from stateroom.commands.termination import about_to_write
from stateroom.errors import LockedError
from stateroom.model.version import Lock
from stateroom.presentation.text import plain
from stateroom.presentation.values import age


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Unlock has no options of its own."""


def run(context: Invocation) -> int:
    """Break the locks of the chosen services; returns the exit code."""
    cockpit = context.open_for_writing()
    held = {service: lock for service in selected_services(context, cockpit) if (lock := cockpit.lock(service))}
    for service, lock in held.items():
        context.console.say(f"{service}: {plain(str(lock))}, {age(lock.since, context.host.now())} ago")
    if held and not _confirmed(context, held):
        context.console.say("Nothing was changed.")
        return FAILED
    about_to_write()
    broken = {service: shown for service, shown in held.items() if cockpit.unlock(service, shown)}
    if context.console.as_json:
        context.console.document({"broken": [lock_json(service, lock) for service, lock in broken.items()]})
    else:
        released = [service for service in held if service not in broken]
        for service in released:
            context.console.say(f"{service}: the lock that was shown is no longer held; nothing was broken")
        if broken or not released:
            context.console.say(f"unlocked {', '.join(broken)}" if broken else "No lock is held.")
    return 0


def _confirmed(context: Invocation, held: dict[str, Lock]) -> bool:
    if context.options.yes:
        return True
    if not context.console.terminal:
        holders = ", ".join(f"{service} by {lock.holder.user}@{lock.holder.host}" for service, lock in held.items())
        raise LockedError(
            f"nothing was unlocked: {plain(holders)}",
            why="there is nobody to ask whether that operation is over",
            todo="look for it, then run it again with --yes",
        )
    return context.console.ask("Is that operation really over? Unlock? [y/N] ").lower() in ("y", "yes")


def lock_json(service: str, lock: Lock) -> dict[str, Any]:
    """Convert a lock to JSON: service, user, host, pid, command, since (RFC 3339), update_id."""
    holder = lock.holder
    return {
        "service": service,
        "user": holder.user,
        "host": holder.host,
        "pid": holder.pid,
        "command": holder.command,
        "since": lock.since.isoformat(),
        "update_id": lock.update_id,
    }
