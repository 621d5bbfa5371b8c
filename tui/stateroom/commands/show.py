"""One version of a service: which operation wrote it, what it changed, and what was in it."""

from __future__ import annotations

import argparse
from typing import Any

from stateroom.commands.asking import one_service
from stateroom.commands.context import Context
from stateroom.commands.versions import version_json
from stateroom.engine.comparing import Comparison, compare
from stateroom.engine.requests import Cockpit
from stateroom.errors import UsageError
from stateroom.model.version import Version
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import age, full, json_value, pair, type_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of show."""
    parser.add_argument("version", type=int, metavar="VERSION", help="the version's number")


def run(context: Context) -> int:
    """Show a version; returns the exit code."""
    cockpit = context.open()
    service, number = one_service(context, cockpit), context.options.version
    versions = cockpit.versions(service)
    version = find(versions, number)
    snapshot = cockpit.snapshot(service, number)
    before = next((item.number for item in versions if item.number < number), None)
    change = compare(cockpit.snapshot(service, before) if before else None, snapshot)
    if context.console.as_json:
        records = snapshot.records if snapshot else ()
        context.console.document(
            {
                "service": service,
                "version": version_json(version),
                "before": before,
                "changes": change_json(change),
                "resources": [
                    {"name": item.logical_id, "type": item.type, "id": item.physical_id, "parent": item.parent}
                    for item in records
                ],
                "outputs": json_value(snapshot.outputs) if snapshot else {},
            }
        )
        return 0
    _say(context, cockpit, service, version, before, change)
    return 0


def find(versions: tuple[Version, ...], number: int) -> Version:
    """The version with this number. Raises UsageError, naming those that exist."""
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        existing = ", ".join(str(version.number) for version in reversed(versions))
        raise UsageError(
            f"there is no version {number}",
            why=f"there are: {existing}" if existing else "there are none yet",
            todo="`stateroom versions` lists them",
        )
    return found


def _say(
    context: Context, cockpit: Cockpit, service: str, version: Version, before: int | None, change: Comparison
) -> None:
    say, now = context.console.say, context.host.now()
    say(
        context.console.paint(
            f"{plain(service)} · version {version.number}{' (current)' if version.current else ''}", "bold"
        )
    )
    say(f"{version.command} by {plain(version.user) or 'someone'}, {age(version.started, now)} ago{_took(version)}")
    for error in version.errors:
        say(context.console.paint(f"failed: {plain(error)}", "danger"))
    say()
    say(f"against version {before}:" if before else "the first version:")
    say_comparison(context, change)
    snapshot = cockpit.snapshot(service, version.number)
    say()
    records = snapshot.records if snapshot else ()
    say(f"{len(records)} resources")
    width = max((cells(plain(item.logical_id)) for item in records), default=0)
    for item in records:
        say(f"  {pad(plain(item.logical_id), width)}  {type_name(item.type)}  {plain(item.physical_id)}".rstrip())
    for name, value in (snapshot.outputs if snapshot else {}).items():
        say(f"  output {plain(name)}: {full(value)}")


def _took(version: Version) -> str:
    if version.completed is None:
        return ", interrupted"
    return f", took {(version.completed - version.started).total_seconds():.0f} s"


def say_comparison(context: Context, change: Comparison) -> None:
    """Resources that came, changed and went, with the values that changed."""
    console = context.console
    width = max(console.width // 3, 16)
    for record in change.created:
        console.say(f"+ {plain(record.logical_id)}  {type_name(record.type)}")
    for item in change.updated:
        console.say(f"~ {plain(item.after.logical_id)}  {type_name(item.after.type)}")
        for name, before, after in item.named():
            old, new = pair(before, after, width)
            console.say(console.paint(f"    {plain(name)}: {old} → {new}", "dim"))
    for record in change.deleted:
        console.say(console.paint(f"- {plain(record.logical_id)}  {type_name(record.type)}", "danger"))
    for name, before, after in change.outputs:
        console.say(f"~ output {plain(name)}: {full(before)} → {full(after)}")
    if change.empty:
        console.say("  no difference")


def change_json(change: Comparison) -> dict[str, Any]:
    """A comparison as JSON: created, updated (with attributes), deleted, outputs."""
    return {
        "created": [record.logical_id for record in change.created],
        "updated": [
            {
                "name": item.after.logical_id,
                "attributes": [
                    {"path": list(path), "before": json_value(before), "after": json_value(after)}
                    for path, before, after in item.attributes
                ],
            }
            for item in change.updated
        ],
        "deleted": [record.logical_id for record in change.deleted],
        "outputs": [
            {"name": name, "before": json_value(before), "after": json_value(after)}
            for name, before, after in change.outputs
        ],
    }
