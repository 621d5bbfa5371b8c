"""`schedule`: an EventBridge rule that invokes the function."""

from __future__ import annotations

import re
from typing import Final

from stateroom.config.build import Build
from stateroom.config.events.event import Event, permit
from stateroom.config.json_text import json_text
from stateroom.config.naming import normalised
from stateroom.config.service import Service
from stateroom.config.shapes import shapes
from stateroom.errors import ConfigError
from stateroom.model.values import Value

SCHEDULE: Final = shapes("rate enabled:flag input inputPath:text inputTransformer:map name:text description:text")
_KEYS: Final = {**SCHEDULE, "method": "text"}
_LATER: Final = frozenset({"timezone", "groupName", "roleArn", "retryPolicy", "flexibleTimeWindow"})
_RATE: Final = re.compile(r"\s*(rate\(\s*\d+\s+(minute|hour|day)s?\s*\)|cron\(.*\))\s*")


def schedule(build: Build, event: Event) -> None:
    """A rule and a permission for each rate."""
    service = build.service
    options = event.options(service, "rate", _KEYS, _LATER)
    if options.get("method") not in (None, "eventBus"):
        raise event.error(service, "EventBridge Scheduler is not supported yet", "method", todo="use method: eventBus")
    rates = options.get("rate")
    for rate in rates if isinstance(rates, list) else [rates]:
        number = _next_number(build, event)
        rule_id = f"{normalised(event.function.key)}EventsRuleSchedule{number}"
        try:
            target = {"Arn": event.function.arn, "Id": f"{event.function.key}Schedule", **target_input(options)}
            rule = rule_properties(rate, options, [target])
        except ValueError as error:
            raise _wrong(service, event, error) from None
        build.add(rule_id, "AWS::Events::Rule", rule, event.path)
        permit(
            build,
            event,
            f"EventsRuleSchedule{number}",
            "events.amazonaws.com",
            {"Fn::GetAtt": [rule_id, "Arn"]},
        )


def _next_number(build: Build, event: Event) -> int:
    """Schedules count per function from 1; a list of rates counts once for each rate."""
    number = event.number
    while f"{normalised(event.function.key)}EventsRuleSchedule{number}" in build.resources:
        number += 1
    return number


def _wrong(service: Service, event: Event, error: ValueError) -> ConfigError:
    return event.error(service, str(error), todo="such as rate(5 minutes) or cron(0 12 * * ? *)")


def rule_properties(rate: Value, options: dict[str, Value], targets: list[Value]) -> dict[str, Value]:
    """Properties of a scheduled rule. Raises ValueError when the rate or the inputs cannot be right."""
    if isinstance(rate, str) and not _RATE.fullmatch(rate):
        raise ValueError(f"{rate} is not a rate")
    if not rate or isinstance(rate, bool | int | float | list):
        raise ValueError("no rate")
    return {
        "ScheduleExpression": rate.strip() if isinstance(rate, str) else rate,
        "State": "DISABLED" if options.get("enabled") is False else "ENABLED",
        "Name": options.get("name"),
        "Description": options.get("description"),
        "Targets": targets,
    }


def target_input(options: dict[str, Value]) -> dict[str, Value]:
    """Input, InputPath or InputTransformer of a rule's target. Raises ValueError when more than one is given."""
    given = [key for key in ("input", "inputPath", "inputTransformer") if options.get(key) is not None]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} exclude each other")
    if not given:
        return {}
    value = options[given[0]]
    if given[0] == "input":
        return {"Input": value if isinstance(value, str) else json_text(value)}
    if given[0] == "inputPath":
        return {"InputPath": value}
    if not isinstance(value, dict) or "inputTemplate" not in value:
        raise ValueError("inputTransformer has no inputTemplate")
    transformer = {"InputPathsMap": value.get("inputPathsMap"), "InputTemplate": value["inputTemplate"]}
    return {"InputTransformer": {key: item for key, item in transformer.items() if item is not None}}
