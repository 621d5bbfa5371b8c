"""Two versions of a service side by side: resources that came, changed and went. Exits with 2 when they differ."""

from __future__ import annotations

import argparse

from stateroom.commands.asking import one_service
from stateroom.commands.context import Context
from stateroom.commands.show import change_json, find, say_comparison
from stateroom.engine.comparing import compare

DIFFERENT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of compare."""
    parser.add_argument("before", type=int, metavar="A", help="a version's number")
    parser.add_argument("after", type=int, metavar="B", nargs="?", help="another's; the current state by default")


def run(context: Context) -> int:
    """Compare; returns the exit code."""
    cockpit, options = context.open(), context.options
    service = one_service(context, cockpit)
    versions = cockpit.versions(service)
    for number in (options.before, options.after):
        if number is not None:
            find(versions, number)
    change = compare(cockpit.snapshot(service, options.before), cockpit.snapshot(service, options.after))
    if context.console.as_json:
        numbers = {"before": options.before, "after": options.after}
        context.console.document({"service": service, **numbers, "changes": change_json(change)})
    else:
        say_comparison(context, change)
    return 0 if change.empty else DIFFERENT
