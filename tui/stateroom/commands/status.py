"""Services with counts, and every resource that is not in step.

The two letters are as in `git status --short`. First config against state: ~ changed, + new, - gone from config.
Then state against cloud: ! drift, x missing, ? not read, . nothing recorded. In the first free place ^ stands for what
nobody declared and lets people in or data out; a service's ^ counts all undeclared changes (diff --all lists them).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from stateroom.commands import survey
from stateroom.commands.context import Invocation
from stateroom.commands.services import selected_services
from stateroom.commands.unlock import lock_json
from stateroom.engine.requests import Cockpit, FrameworkCockpit, Info
from stateroom.model.diff import ResourceDiff, tally
from stateroom.presentation.survey.agreement import agreement
from stateroom.presentation.survey.diffs import danger_lines, json_diff
from stateroom.presentation.survey.hearsay import hearsay_lines
from stateroom.presentation.survey.standing import standing_json, standing_lines
from stateroom.presentation.survey.verdicts import refusal_lines, verdict
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import type_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of status."""
    parser.add_argument("--exit-code", action="store_true", help="exit 2 when anything differs")
    survey.add_quick_argument(parser)


def run(context: Invocation) -> int:
    """Print the status; returns the exit code."""
    options = context.options
    cockpit = context.open()
    services = selected_services(context, cockpit)
    with ThreadPoolExecutor(1, "status") as pool:  # it waits for the home, and not for the survey
        others_too = pool.submit(_framework_notes, cockpit, services, not options.offline)
        found = survey.take(context, cockpit, read_cloud=not options.offline).narrowed(context.targets)
    others = {name: text for name, text in others_too.result().items() if name in found.services}
    info = cockpit.info()  # after the survey, which may have learnt the account
    if context.console.as_json:
        context.console.document(_document(info, found, others))
    else:
        _print(context, info, found, others)
    return survey.exit_code(found, compare=options.exit_code)


def _framework_notes(cockpit: Cockpit, services: tuple[str, ...], ask_cloud: bool) -> dict[str, str]:
    if not isinstance(cockpit, FrameworkCockpit):
        return {}
    return cockpit.framework_deploy_notes(services, ask_cloud=ask_cloud)


def counts_line(diffs: Iterable[ResourceDiff]) -> str:
    """`+1 ~2 !1`, as the screen's list of services shows it."""
    counts = tally(diffs)
    return " ".join(f"{letter}{counts[letter]}" for letter in "+-~!^?" if counts[letter])


def _counts(found: survey.Survey, resources: list[ResourceDiff]) -> str:
    return counts_line(diff for diff in resources if found.out_of_step(diff) or diff.outside)


def _print(context: Invocation, info: Info, found: survey.Survey, others: dict[str, str]) -> None:
    console = context.console
    where = " · ".join(part for part in (info.project, info.stage, info.region, info.account) if part)
    console.say(console.paint(where, "bold"))
    names = {name: _named(name, info) for name in found.services}
    width = max(map(cells, names.values()), default=0)
    for service, resources in found.services.items():
        shown = list(resources.values())
        different = any(map(found.out_of_step, shown))
        counts = (different and _counts(found, shown)) or _in_step(found, shown)
        console.say(f"  {pad(names[service], width)}  {len(shown):>4} {_noun(shown)}  {counts}")
        for line in standing_lines(found.standing(service), context.host.now()):
            console.say(console.paint(f"  {'':<{width}}  {line}", "danger"))
        if service in others:
            console.say(console.paint(f"  {'':<{width}}  {plain(others[service])}", "danger"))
    agreed = agreement(found.diffs())
    if found.cloud_read and agreed.resources:
        for note in agreed.notes():
            console.say(console.paint(f"  {note}", "dim"))
    rows = found.rows()
    addresses = [plain(f"{diff.service}/{diff.logical_id}") for diff in rows]
    name_width = max(map(cells, addresses), default=0)
    type_width = max((cells(type_name(diff.type)) for diff in rows), default=0)
    if rows:
        console.say()
    for diff, name in zip(rows, addresses, strict=True):
        letters = diff.status if found.cloud_read else f"{diff.x.value} "
        type_ = pad(type_name(diff.type), type_width)
        console.say(f"{letters} {pad(name, name_width)}  {type_}  {verdict(diff)}")
        for line in danger_lines(diff):
            console.say(console.paint(f"   {line}", "danger"))
    for line in refusal_lines(found.diffs()):
        console.say(console.paint(f"  {line}", "danger"))
    for line in hearsay_lines(found.diffs()):
        console.say(console.paint(f"  {line}", "dim"))


def _named(service: str, info: Info) -> str:
    """Label a service; with its stage, where not all are on the same."""
    stage = info.differing.get(service)
    return plain(f"{service} ({stage})" if stage else service)


def _noun(resources: list[ResourceDiff]) -> str:
    return "resource " if len(resources) == 1 else "resources"


def _in_step(found: survey.Survey, resources: list[ResourceDiff]) -> str:
    if found.states_only and not resources:
        return "none is recorded; config and cloud are the deploying tool's"
    if found.states_only:
        return "as the state has them; config and cloud are the deploying tool's"
    if not resources:
        return "neither config nor state has any"
    return agreement(resources).short() if found.cloud_read else "config and state agree; the cloud was not read"


def _document(info: Info, found: survey.Survey, others: dict[str, str]) -> dict[str, Any]:
    """Build the JSON of status.

    Keys: project, path, stage (`dev`, or `dev, prod`), region, account, home, cloud_read, complete, different,
    services: each with service, stage, resources (how many), counts (letter to number), lock (or null), elsewhere (who
    else deployed it, or null), standing (see `presentation.survey.standing.standing_json`); agreement (of what is in
    step: resources, attributes, unanswered; and of all: outside, refused, unbased); out_of_step: resources as in `diff
    --json`; unreadable: service to the lines of its error; warnings: of configs, each once.
    """
    return {
        **where_json(info),
        "cloud_read": found.cloud_read,
        "complete": found.complete,
        "different": found.different,
        "services": [
            {
                "service": service,
                "stage": info.stage_of(service),
                "resources": len(resources),
                "counts": dict(tally(diff for diff in resources.values() if found.out_of_step(diff))),
                "lock": lock_json(service, lock) if (lock := found.standing(service).lock) else None,
                "elsewhere": others.get(service),
                "standing": standing_json(found.standing(service)),
            }
            for service, resources in found.services.items()
        ],
        "agreement": asdict(agreement(found.diffs())),
        "out_of_step": [json_diff(diff) for diff in found.diffs() if found.out_of_step(diff)],
        "unreadable": {service: list(lines) for service, lines in found.unreadable.items()},
        "warnings": found.warning_lines(),
    }


def where_json(info: Info) -> dict[str, Any]:
    """project, path, stage, region, account, home."""
    return {name: getattr(info, name) for name in ("project", "path", "stage", "region", "account", "home")}
