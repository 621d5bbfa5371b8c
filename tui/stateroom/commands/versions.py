"""Past states, newest first: which operation wrote each, whose, when, and what it changed."""

from __future__ import annotations

import argparse
from typing import Any

from stateroom.commands.context import Context
from stateroom.commands.services import chosen
from stateroom.model.version import Version
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import age


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of versions."""
    parser.add_argument("-n", "--limit", type=int, metavar="N", help="only the newest N of each service")


def run(context: Context) -> int:
    """List the versions; returns the exit code."""
    cockpit = context.open()
    listed = {service: cockpit.versions(service)[: context.options.limit] for service in chosen(context, cockpit)}
    if context.console.as_json:
        info = cockpit.info()
        services = [
            {"service": name, "stage": info.stage_of(name), "versions": list(map(version_json, items))}
            for name, items in listed.items()
        ]
        context.console.document({"stage": info.stage, "services": services})
        return 0
    for service, versions in listed.items():
        context.console.say(context.console.paint(service, "bold"))
        for line in _lines(context, versions):
            context.console.say(line)
        if not versions:
            context.console.say("  never deployed")
    return 0


def _lines(context: Context, versions: tuple[Version, ...]) -> list[str]:
    now = context.host.now()
    rows = [
        (
            f"{'*' if version.current else ' '}{version.number:>4}",
            plain(version.command),
            f"{age(version.completed or version.started, now)} ago",
            plain(version.user),
            _changes(version),
        )
        for version in versions
    ]
    widths = [max(cells(row[column]) for row in rows) for column in range(4)] if rows else []
    return ["  ".join((*(pad(row[i], widths[i]) for i in range(4)), row[4])).rstrip() for row in rows]


def _changes(version: Version) -> str:
    parts = [
        f"{sign}{count}"
        for sign, count in (("+", version.created), ("~", version.updated), ("-", version.deleted))
        if count
    ]
    if version.errors:
        parts.append(f"{len(version.errors)} failed: {plain(version.errors[0])}")
    if version.completed is None:
        parts.append("interrupted")
    return " ".join(parts)


def version_json(version: Version) -> dict[str, Any]:
    """A version as JSON.

    Keys: number, current, command, user, started and completed (RFC 3339; completed is null when interrupted),
    created, updated, deleted (counts), errors, update_id.
    """
    return {
        "number": version.number,
        "current": version.current,
        "command": version.command,
        "user": version.user,
        "started": version.started.isoformat(),
        "completed": version.completed.isoformat() if version.completed else None,
        "created": version.created,
        "updated": version.updated,
        "deleted": version.deleted,
        "errors": list(version.errors),
        "update_id": version.update_id,
    }
