"""Config, state and cloud side by side: every attribute that is not in step, and what each command would do.

The arrow marks the side that moved. Exits with 2 when anything differs, 0 when nothing does, 1 when something could
not be read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from stateroom.commands import survey
from stateroom.commands.console import Console
from stateroom.commands.context import Invocation
from stateroom.commands.status import counts_line, where_json
from stateroom.engine.requests import Info
from stateroom.model.diff import Mark, ResourceDiff
from stateroom.presentation import table
from stateroom.presentation.survey.agreement import agreement, count
from stateroom.presentation.survey.diffs import SIDES, json_diff
from stateroom.presentation.survey.hearsay import hearsay_lines
from stateroom.presentation.survey.standing import standing_json, standing_lines
from stateroom.presentation.survey.verdicts import refusal_lines, verdict
from stateroom.presentation.text import plain
from stateroom.presentation.values import type_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of diff."""
    parser.add_argument("address", nargs="*", metavar="ADDRESS", help="only these resources")
    parser.add_argument("--all", action="store_true", help="also undeclared changes that are not dangerous")
    survey.add_quick_argument(parser)


def run(context: Invocation) -> int:
    """Print the differences; returns the exit code."""
    options = context.options
    cockpit = context.open()
    found = survey.take(context, cockpit, read_cloud=not options.offline)
    found = found.narrowed((*context.targets, *options.address))
    shown = found.rows()
    if options.all:
        shown = [diff for diff in found.diffs() if found.out_of_step(diff) or diff.attributes]
    if context.console.as_json:
        context.console.document(_document(cockpit.info(), found, shown))
    else:
        for line in _standing_lines(context, found):
            context.console.say(line)
        for line in _lines(context.console, found, shown, unmanaged=options.all):
            context.console.say(line)
        if not shown and found.complete and not found.broken:
            for line in _agreement(found):
                context.console.say(line)
        for line in refusal_lines(found.diffs()):
            context.console.say(context.console.paint(line, "danger"))
        for line in hearsay_lines(found.diffs()):
            context.console.say(context.console.paint(line, "dim"))
    return survey.exit_code(found, compare=True)


def _standing_lines(context: Invocation, found: survey.Survey) -> Iterator[str]:
    """Yield what is to be known about the services besides their differences."""
    for service in found.services:
        for line in standing_lines(found.standing(service), context.host.now()):
            yield context.console.paint(f"{plain(service)}: {line}", "danger")


def _agreement(found: survey.Survey) -> tuple[str, ...]:
    resources = count(sum(1 for _ in found.diffs()), "resource")
    if found.states_only:
        return (f"{resources} in the state; there is neither config nor cloud to compare with here.",)
    if not found.cloud_read:
        return (f"{resources}: config and state agree; the cloud was not read.",)
    agreed = agreement(found.diffs())
    return agreed.line(), *agreed.notes()


def _lines(console: Console, found: survey.Survey, diffs: list[ResourceDiff], *, unmanaged: bool) -> Iterator[str]:
    attributes = [item for diff in diffs for item in diff.attributes if item.shown or unmanaged]
    widths = table.layout(attributes, console.width)
    if attributes and (header := table.header(widths)):
        yield console.paint(header, "dim")
    for diff in diffs:
        name = plain(f"{diff.service}/{diff.logical_id}")
        yield f"{diff.status} {console.paint(name, 'bold')}  {type_name(diff.type)}  {verdict(diff)}"
        for row in table.rows(diff, widths, unmanaged=unmanaged):
            yield from _stacked(console, row) if widths.stacked else [_columns(console, row)]
        if folded := _folded(diff, unmanaged=unmanaged):
            yield console.paint(f"   {folded}", "dim")
    if diffs:
        yield ""
        yield _legend(diffs, found.out_of_step)


def _columns(console: Console, row: table.Row) -> str:
    sides = "".join(table.bar() + _side(console, row, side, text) for side, text in zip(SIDES, row.sides, strict=True))
    return f" {row.mark} {row.name}{sides}{table.bar()} {row.would}".rstrip()


def _stacked(console: Console, row: table.Row) -> Iterator[str]:
    yield f" {row.mark} {row.name}".rstrip()
    for side, text in zip(SIDES, row.sides, strict=True):
        yield f"     {side:<6} {_side(console, row, side, text.rstrip())}"
    yield f"     {row.would}"


def _side(console: Console, row: table.Row, side: str, text: str) -> str:
    shown = table.arrow(row, side) + text
    if side not in row.odd:
        return shown
    return console.paint(shown, "conflict" if len(row.odd) > 1 else side)


def _folded(diff: ResourceDiff, *, unmanaged: bool) -> str:
    hidden = 0 if unmanaged else sum(not item.shown for item in diff.attributes)
    parts = [f"{diff.same} in step"] if diff.same else []
    parts += [f"^{hidden} undeclared (--all shows them)"] if hidden else []
    return ", ".join(parts)


def _legend(diffs: list[ResourceDiff], out_of_step: Callable[[ResourceDiff], bool]) -> str:
    marks = {item.mark for diff in diffs for item in diff.attributes}
    items = [diff for diff in diffs if out_of_step(diff)]  # with --all others are shown, too
    meanings = [f"{mark.value} {mark.meaning}" for mark in Mark if mark in marks and mark is not Mark.IN_STEP]
    if not items:
        return "   ".join((agreement(diffs).line(), *meanings))
    head = f"{count(len(items), 'resource')} not in step: {counts_line(items)}"
    return "   ".join((head, *meanings))


def _document(info: Info, found: survey.Survey, shown: list[ResourceDiff]) -> dict[str, Any]:
    """Build the JSON of diff.

    Keys: project, path, stage, region, account, home, cloud_read, complete, different, agreement (of what is in step:
    resources, attributes, unanswered, outside, refused, unbased), resources (see
    `presentation.survey.diffs.json_diff`), standing: service to `presentation.survey.standing.standing_json`,
    unreadable: service to the lines of its error; warnings: of configs, each once.
    """
    return {
        **where_json(info),
        "cloud_read": found.cloud_read,
        "complete": found.complete,
        "different": found.different,
        "agreement": asdict(agreement(found.diffs())),
        "resources": [json_diff(diff) for diff in shown],
        "standing": {service: standing_json(found.standing(service)) for service in found.services},
        "unreadable": {service: list(lines) for service, lines in found.unreadable.items()},
        "warnings": found.warning_lines(),
    }
