"""One version of a service: which operation wrote it, what it changed, and what was in it."""

from __future__ import annotations

import argparse
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.services import single_service
from stateroom.commands.versions import version_json, version_name
from stateroom.engine.survey.version_diff import VersionComparison, compare
from stateroom.model.resource import Snapshot
from stateroom.model.version import Version
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import age, full, json_value, pair, type_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of show."""
    parser.add_argument("version", type=version_name, metavar="VERSION", help="a number, or an address (@…)")


def run(context: Invocation) -> int:
    """Show a version; returns the exit code."""
    cockpit = context.open()
    service = single_service(context, cockpit)
    version, before = cockpit.version(service, context.options.version)
    snapshot = cockpit.snapshot(service, version.name) if version.stored else None
    past = cockpit.snapshot(service, before.name) if before and before.stored else None
    change = compare(past, snapshot if version.stored or version.object_version else past)
    if context.console.as_json:
        records = snapshot.records if snapshot else ()
        context.console.document(
            {
                "service": service,
                "version": version_json(version),
                "before": before.name if before else None,
                "changes": change_json(change),
                "resources": [
                    {"name": item.logical_id, "type": item.type, "id": item.physical_id, "parent": item.parent}
                    for item in records
                ],
                "outputs": json_value(snapshot.outputs) if snapshot else {},
            }
        )
        return 0
    _say(context, service, version, before, change, snapshot)
    return 0


def _say(
    context: Invocation,
    service: str,
    version: Version,
    before: Version | None,
    change: VersionComparison,
    snapshot: Snapshot | None,
) -> None:
    say, now = context.console.say, context.host.now()
    current = " (current)" if version.current else ""
    say(context.console.paint(f"{plain(service)} · version {version.name}{current}", "bold"))
    by = f" by {plain(version.user) or 'someone'}" if version.update_id else ", nobody knows whose"
    say(f"{plain(version.command)}{by}, {age(version.started, now)} ago{_took(version)}")
    if version.same_as:
        say(f"the same as version {version.same_as}")
    for error in version.errors:
        say(context.console.paint(f"failed: {plain(error)}", "danger"))
    say()
    if not version.stored:
        say("the state was deleted" if version.object_version else "nothing was stored; the state stayed as it was")
    say(f"against version {before.name}:" if before else "the first version:")
    say_comparison(context, change)
    if snapshot is None:
        return
    say()
    say(f"{len(snapshot.records)} resources")
    width = max((cells(plain(item.logical_id)) for item in snapshot.records), default=0)
    for item in snapshot.records:
        say(f"  {pad(plain(item.logical_id), width)}  {type_name(item.type)}  {plain(item.physical_id)}".rstrip())
    for name, value in snapshot.outputs.items():
        say(f"  output {plain(name)}: {full(value)}")


def _took(version: Version) -> str:
    if version.completed is None:
        return ", interrupted"
    if not version.update_id:
        return ""
    return f", took {(version.completed - version.started).total_seconds():.0f} s"


def say_comparison(context: Invocation, change: VersionComparison) -> None:
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


def change_json(change: VersionComparison) -> dict[str, Any]:
    """Convert a comparison to JSON: created, updated (with attributes), deleted, outputs."""
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
