"""What services put out: as their states have it, and beside it what the Serverless Framework stored in the same home.

The framework stores outputs of CloudFormation stacks in its state bucket (`--home serverless`). Nothing is changed.

  ~ both have it and differ   + only the state has it   - only the framework has it
  ? the config declares it, and it is not in the state

Below them are the endpoints of the state: addresses of REST and HTTP APIs with method and path, of WebSocket APIs and
of functions, as AWS names them (an emulator answers elsewhere).

Exits with 1 when an output cannot be resolved.
"""

from __future__ import annotations

import argparse
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.services import selected_services
from stateroom.engine.outputs import ServiceOutputs
from stateroom.engine.requests import FrameworkCockpit
from stateroom.errors import UsageError
from stateroom.model.standing import Standing
from stateroom.model.values import ABSENT
from stateroom.presentation.endpoints import endpoint_lines, endpoints_json
from stateroom.presentation.survey.standing import standing_json, standing_lines
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import age, full, json_value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: outputs has no options of its own."""


def run(context: Invocation) -> int:
    """Print the outputs; returns the exit code."""
    cockpit = context.open()
    if not isinstance(cockpit, FrameworkCockpit):
        raise UsageError("outputs is for projects", todo="`stateroom state show` shows the outputs of another state")
    found = [cockpit.outputs(service) for service in selected_services(context, cockpit)]
    standings = {item.service: cockpit.standing(item.service) for item in found}
    if context.console.as_json:
        rows = [{**outputs_json(item), "standing": standing_json(standings[item.service])} for item in found]
        context.console.document({"services": rows})
    else:
        for item in found:
            _say(context, item, standings[item.service])
    return 1 if any(item.unresolved for item in found) else 0


def _say(context: Invocation, item: ServiceOutputs, standing: Standing) -> None:
    console = context.console
    console.say(console.paint(plain(item.service), "bold"))
    for line in standing_lines(standing, context.host.now()):
        console.say(console.paint(f"  {line}", "danger"))
    if item.stack:
        when = f", stored {age(item.modified, context.host.now())} ago" if item.modified else ""
        console.say(f"  deployed by the Serverless Framework{when}: stack {plain(item.stack)}")
        console.say(console.paint(f"  in {plain(item.key)}", "dim"))
    if not item.deployed:
        console.say("  stateroom has not deployed it")
    if item.problem:
        console.complain(f"{plain(item.service)}: what the Serverless Framework stored: {plain(item.problem)}")
    if item.config_problem:
        console.complain(
            f"{plain(item.service)}: config not read, so only the state's outputs: {plain(item.config_problem)}"
        )
    rows = item.rows()
    missing = dict.fromkeys(item.undeployed, "not in the state: deploy writes it") | _reasons(item)
    width = max((cells(plain(name)) for name in (*(row.name for row in rows), *missing)), default=0)
    for row in rows:
        sides = [(row.ours, "stateroom"), (row.theirs, "framework")]
        there = [(full(value), whose) for value, whose in sides if value is not ABSENT]
        text = there[0][0] if row.sign != "~" else " | ".join(f"{whose}: {value}" for value, whose in there)
        console.say(f"{row.sign} {pad(plain(row.name), width)}  {text}")
    for name, text in missing.items():
        console.say(f"? {pad(plain(name), width)}  {plain(text)}")
    for line in endpoint_lines(item.endpoints):
        console.say(f"  {line}")


def _reasons(item: ServiceOutputs) -> dict[str, str]:
    """Return why outputs are not resolved, by name: the lines of their errors in one."""
    return {name: f"not resolved: {'; '.join(lines[1:] or lines)}" for name, lines in item.unresolved.items()}


def outputs_json(item: ServiceOutputs) -> dict[str, Any]:
    """Convert a service's outputs to JSON.

    Keys: service, deployed, outputs (ours; null: no state), framework (null, or stack, key, modified, outputs),
    problem, unresolved (name to the lines of its error), undeployed (names declared since the last deploy),
    endpoints (each with kind, method, url and logical_id), config_problem (why the config was not read, or null).
    """
    framework = {
        "stack": item.stack,
        "key": item.key,
        "modified": item.modified.isoformat() if item.modified else None,
        "outputs": json_value(item.theirs),
    }
    return {
        "service": item.service,
        "deployed": item.deployed,
        "outputs": json_value(item.ours) if item.deployed else None,
        "framework": framework if item.stack else None,
        "problem": item.problem or None,
        "unresolved": {name: list(lines) for name, lines in item.unresolved.items()},
        "undeployed": list(item.undeployed),
        "endpoints": endpoints_json(item.endpoints),
        "config_problem": item.config_problem or None,
    }
