"""Compile `eventBridge` (`cloudwatchEvent`) events of a state machine to rules."""

from __future__ import annotations

from collections.abc import Sequence

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.naming import normalised
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.events.inputs import policy_name, retry_policy, starting_role, target_input
from stateroom.config.stepfunctions.machine import Machine


def compile_rules(build: Compilation, machine: Machine, paths: Sequence[KeyPath]) -> None:
    """Add a rule for each event, and the role that they share. Raises ConfigError."""
    role_id = f"{normalised(machine.key)}EventToStepFunctionsRole"
    shares = [_rule(build, machine, role_id, number, path) for number, path in enumerate(paths, 1)]
    if any(shares):
        policy = policy_name(build, machine, "event")
        starting_role(build, machine, role_id, ["events.amazonaws.com"], policy, paths[0])


def _rule(build: Compilation, machine: Machine, role_id: str, number: int, path: KeyPath) -> bool:
    """Add one rule. Returns whether it needs the shared role."""
    service = build.service
    service.check(keys.EVENT_BRIDGE, (), *path)
    options = service.mapping(*path)
    if not options.get("event"):
        raise service.error("no event", *path, todo="add event: with the pattern of the events that start the machine")
    role, dead_letters = options.get("iamRole"), options.get("deadLetterConfig")
    target = {
        **target_input(service, options, path),
        "Arn": machine.arn,
        "Id": f"{machine.key}CloudWatchEvent",
        **({"DeadLetterConfig": {"Arn": dead_letters}} if dead_letters else {}),
        **retry_policy(service, path),
        "RoleArn": role or {"Fn::GetAtt": [role_id, "Arn"]},
    }
    properties = {
        "EventBusName": options.get("eventBusName"),
        "EventPattern": options["event"],
        "State": "DISABLED" if options.get("enabled") is False else "ENABLED",
        "Description": options.get("description"),
        "Name": options.get("name"),
        "Targets": [target],
    }
    build.add(f"{normalised(machine.key)}EventsRuleCloudWatchEvent{number}", "AWS::Events::Rule", properties, path)
    return not role
