"""Find what bears stateroom's mark in this account and region, and is in no state of this home.

Each row says which service, stage and resource its tags name, and whether the home has the state of that lineage. What
hangs on it without tags of its own is named with it. Types that bear no tags cannot be found. Where a state cannot be
read, or an operation is under way, nothing can be said to be in no state, and nothing is touched.

--adopt takes orphans into the states that their tags name, as `import` does. --delete deletes them, after their plan
was shown and their names were typed; --yes does so without a question. NAME is an id, an ARN or an address of a row.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.interruptible import watched
from stateroom.commands.prompts import confirm_plan
from stateroom.commands.proposal import show
from stateroom.commands.read_waits import waits_told
from stateroom.engine.orphan_report import Orphan, OrphanReport
from stateroom.engine.orphans.acting import orphans_named, plan_deletion
from stateroom.engine.requests import OrphanCockpit, Request
from stateroom.errors import PlanError, UsageError
from stateroom.model.plan import Operation
from stateroom.presentation.orphans import orphan_lines, orphans_json
from stateroom.presentation.text import plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of orphans."""
    parser.add_argument("--adopt", metavar="NAME", action="append", help="take it into its state; repeatable")
    parser.add_argument("--delete", metavar="NAME", nargs="+", action="extend", help="delete these")
    operation.add_arguments(parser)


def run(context: Invocation) -> int:
    """List orphans, or act on them; returns the exit code."""
    options = context.options
    if options.adopt and options.delete:
        raise UsageError("--adopt and --delete were given", todo="do one after the other")
    if options.offline:
        raise UsageError("orphans asks the cloud", why="--offline was given", todo="leave it out")
    cockpit = context.open()
    if not isinstance(cockpit, OrphanCockpit):
        raise PlanError(
            "orphans are looked for in projects that stateroom deploys",
            why=f"{cockpit.info().home} holds states of another tool, whose resources bear other marks",
            todo="open a project",
        )
    with waits_told(context.console) as tick:
        report = watched(cockpit.orphans, interrupted=_interrupted, tick=tick)
    if options.adopt:
        chosen = orphans_named(report, tuple(options.adopt))
        request = Request(Operation.IMPORT, imports=cockpit.orphan_imports(chosen), dry_run=options.dry_run)
        return operation.operate(context, request)
    if options.delete:
        return _delete(context, cockpit, orphans_named(report, tuple(options.delete)))
    _print(context, report)
    return 0


def _interrupted(_times: int) -> None:
    raise KeyboardInterrupt


def _delete(context: Invocation, cockpit: OrphanCockpit, chosen: Sequence[Orphan]) -> int:
    plan = plan_deletion(chosen)
    show(context, cockpit, plan)
    if context.options.dry_run:
        return 0
    context.refuse_read_only(cockpit)
    if not confirm_plan(context, plan):
        context.console.say("Nothing was changed.")
        return FAILED
    return operation.carry_out(context, plan, lambda emit, control: cockpit.delete_orphans(chosen, emit, control))


def _print(context: Invocation, report: OrphanReport) -> None:
    console = context.console
    if console.as_json:
        console.document(orphans_json(report))
        return
    where = "; ".join(report.places)
    if not (report.orphans or report.unsayable):
        console.say(f"No orphans found in {where}: what was asked for and bears our mark is in a state of this home.")
    for title, rows in (
        (f"In no state of this home, in {where}:", report.orphans),
        ("Whether a state has these cannot be said:", report.unsayable),
        ("Made by another home, which was not looked at:", report.elsewhere),
    ):
        if rows:
            console.say(console.paint(title, "bold"))
            for line in orphan_lines(rows):
                console.say(line)
    for place, why in report.unread.items():
        console.complain(f"warning: the state of {plain(place)} could not be read: {plain(why)}")
    for type_, why in report.unasked.items():
        console.complain(f"warning: {type_} was not looked at: {plain(why)}")
