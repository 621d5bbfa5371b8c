"""The past of a service, newest first: which operation wrote each state, whose, when, and what it changed.

What a bucket kept of a state that nobody recorded (somebody wrote it by hand, or another tool did) has a moment in
place of a number; `show`, `compare` and `rollback` take either. --changes compares those whose changes nobody counted.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.services import selected_services
from stateroom.engine.requests import Cockpit
from stateroom.engine.survey.version_diff import count_changes
from stateroom.model.version import History, Version, VersionName
from stateroom.presentation.survey.standing import standing_json, standing_lines
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import age
from stateroom.presentation.versions import changes_text, no_versions_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of versions."""
    parser.add_argument("-n", "--limit", type=int, metavar="N", help="only the newest N of each service")
    parser.add_argument("--all", action="store_true", help="also what was written on the way to a version")
    parser.add_argument("--changes", action="store_true", help="read and compare where nobody counted the changes")


def version_name(text: str) -> VersionName:
    """Parse a version's number, or an address that begins with @. Raises ArgumentTypeError."""
    if text.startswith("@") and len(text) > 1:
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no version: 7 is one, or @2026-11-21T10:02:33")
    return int(text)


def run(context: Invocation) -> int:
    """List the versions; returns the exit code."""
    cockpit = context.open()
    histories = {service: _history(context, cockpit, service) for service in selected_services(context, cockpit)}
    standings = {service: cockpit.standing(service) for service in histories}
    if context.console.as_json:
        info = cockpit.info()
        services = [
            {
                "service": name,
                "stage": info.stage_of(name),
                "versions": list(map(version_json, item.versions)),
                "older": item.older,
                "problem": list(item.problem),
                "held": item.held,
                "standing": standing_json(standings[name]),
            }
            for name, item in histories.items()
        ]
        context.console.document({"stage": info.stage, "services": services})
        return 0
    for service, history in histories.items():
        context.console.say(context.console.paint(service, "bold"))
        for line in standing_lines(standings[service], context.host.now()):
            context.console.say(context.console.paint(f"  {line}", "danger"))
        for line in _lines(context, history.versions):
            context.console.say(line)
        if not history.versions:
            context.console.say(f"  {no_versions_text(history, context.host.now())}")
        if history.older:
            context.console.say(f"  and {history.older} older")
        if history.problem:
            context.console.complain(f"only what was recorded: {'; '.join(map(plain, history.problem))}")
    return 0


def _history(context: Invocation, cockpit: Cockpit, service: str) -> History:
    options = context.options
    history = cockpit.history(service, options.limit)
    versions = [version for version in history.versions if options.all or not version.partial]
    if options.changes:
        versions = [count_changes(cockpit, service, version) for version in versions]
    return replace(history, versions=tuple(versions))


def _lines(context: Invocation, versions: tuple[Version, ...]) -> list[str]:
    now = context.host.now()
    width = max((len(str(version.name)) for version in versions), default=0)
    rows = [
        (
            f"{'*' if version.current else ' '} {version.name:>{max(width, 3)}}",
            plain(version.command),
            f"{age(version.completed or version.started, now)} ago",
            plain(version.user) or "–",
            changes_text(version),
        )
        for version in versions
    ]
    widths = [max(cells(row[column]) for row in rows) for column in range(4)] if rows else []
    return ["  ".join((*(pad(row[i], widths[i]) for i in range(4)), row[4])).rstrip() for row in rows]


def version_json(version: Version) -> dict[str, Any]:
    """Convert a version to JSON.

    Keys: number (null where nobody recorded one), name (what it is asked for by: the number or an address), current,
    stored (false: a deletion, or an operation that stored nothing), partial, same_as (the number of a version with the
    same bytes, or null), command, user, started and completed (RFC 3339; completed is null when interrupted), created,
    updated, deleted (counts; null when nobody counted), errors, update_id.
    """
    counts = {name: getattr(version, name) if version.counted else None for name in ("created", "updated", "deleted")}
    return {
        "number": version.number or None,
        "name": version.name,
        "current": version.current,
        "stored": version.stored,
        "partial": version.partial,
        "same_as": version.same_as or None,
        "command": version.command,
        "user": version.user,
        "started": version.started.isoformat(),
        "completed": version.completed.isoformat() if version.completed else None,
        **counts,
        "errors": list(version.errors),
        "update_id": version.update_id,
    }
