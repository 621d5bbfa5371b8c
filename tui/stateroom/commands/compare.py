"""Two versions of a service side by side: resources that came, changed and went. Exits with 2 when they differ."""

from __future__ import annotations

import argparse

from stateroom.commands.context import Invocation
from stateroom.commands.services import single_service
from stateroom.commands.show import change_json, say_comparison
from stateroom.commands.versions import version_name
from stateroom.engine.requests import Cockpit
from stateroom.engine.survey.version_diff import compare
from stateroom.model.resource import Snapshot
from stateroom.model.version import VersionName

DIFFERENT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of compare."""
    parser.add_argument("before", type=version_name, metavar="A", help="a version's number, or its address")
    parser.add_argument(
        "after", type=version_name, metavar="B", nargs="?", help="another; the current state by default"
    )


def run(context: Invocation) -> int:
    """Compare; returns the exit code."""
    cockpit, options = context.open(), context.options
    service = single_service(context, cockpit)
    change = compare(*(_state(cockpit, service, name) for name in (options.before, options.after)))
    if context.console.as_json:
        numbers = {"before": options.before, "after": options.after}
        context.console.document({"service": service, **numbers, "changes": change_json(change)})
    else:
        say_comparison(context, change)
    return 0 if change.empty else DIFFERENT


def _state(cockpit: Cockpit, service: str, name: VersionName | None) -> Snapshot | None:
    """Load the state of a version, or the current one for None; None when it had been deleted."""
    version = cockpit.version(service, name)[0] if name is not None else None
    if version is not None and version.object_version and not version.stored:
        return None
    return cockpit.snapshot(service, name)
