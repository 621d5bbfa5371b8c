"""Compile `schedule` events to EventBridge rules or EventBridge Scheduler schedules."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, grouped, permit
from stateroom.config.functions.execution_role import role_of
from stateroom.config.naming import normalised
from stateroom.config.resources.json_text import json_text
from stateroom.config.service import Service
from stateroom.errors import ConfigError
from stateroom.model.values import Value

SCHEDULE: Final = key_types("rate enabled:flag input inputPath:text inputTransformer:map name:text description:text")
_KEYS: Final = {**SCHEDULE, **key_types("method:text timezone:text groupName:text roleArn:scalar")}
_METHODS: Final = frozenset({"eventBus", "scheduler"})
_ONE_METHOD_ONLY: Final = {"scheduler": ("timezone", "groupName"), "eventBus": ("inputPath", "inputTransformer")}
_RATE: Final = re.compile(r"\s*(rate\(\s*\d+\s+(minute|hour|day)s?\s*\)|cron\(.*\)|at\(.*\))\s*")


def schedule(build: Compilation, events: Sequence[Event]) -> None:
    """Add a rule and a permission, or a schedule, for each rate; rates count per function from 1."""
    statement: dict[str, Value] = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": []}
    for own in grouped(events):
        number, scheduled = 0, False
        for event in own:
            options = _options(build.service, event)
            for rate in options["rate"]:
                number += 1
                if options["method"] == "scheduler":
                    scheduled = True
                    _schedule(build, event, rate, number, options)
                else:
                    _rule(build, event, rate, number, options)
        if scheduled:
            arn = f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{own[0].function.name}"
            statement["Resource"] += [{"Fn::Sub": arn}, {"Fn::Sub": f"{arn}:*"}]
    if statement["Resource"]:
        build.grants.append(statement)
        build.trusted.append("scheduler.amazonaws.com")


def _options(service: Service, event: Event) -> dict[str, Value]:
    """Return the event's keys; rate as a list, method always set. Raises ConfigError."""
    options = event.options(service, "rate", _KEYS)
    event.one_of(service, options, "method", _METHODS)
    method = options["method"] = options.get("method") or "eventBus"
    for other, names in _ONE_METHOD_ONLY.items():
        for name in names if other != method else ():
            if options.get(name):
                raise event.error(service, f"only with method: {other}", name, todo=f"remove {name}, or change method")
    rate = options.get("rate")
    options["rate"] = rate if isinstance(rate, list) else [rate]
    if options.get("name") and len(options["rate"]) > 1:
        todo = "remove name, or write an event for each rate"
        raise event.error(service, "one name for several rates", "name", todo=todo)
    return options


def _rule(build: Compilation, event: Event, rate: Value, number: int, options: dict[str, Value]) -> None:
    rule_id = f"{normalised(event.key)}EventsRuleSchedule{number}"
    try:
        target = {"Arn": event.target, "Id": f"{event.key}Schedule", **target_input(options)}
        rule = rule_properties(rate, options, [target])
    except ValueError as error:
        raise _wrong(build.service, event, error) from None
    build.add(rule_id, "AWS::Events::Rule", rule, event.path, depends_on=event.after)
    source = {"Fn::GetAtt": [rule_id, "Arn"]}
    permit(build, event, f"EventsRuleSchedule{number}", "events.amazonaws.com", SourceArn=source)


def _schedule(build: Compilation, event: Event, rate: Value, number: int, options: dict[str, Value]) -> None:
    try:
        properties = {
            "ScheduleExpression": _checked(rate),
            "State": _state(options),
            "Target": {
                "Arn": event.target,
                "RoleArn": options.get("roleArn") or role_of(build, event.function),
                **target_input(options),
            },
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Name": options.get("name"),
            "GroupName": options.get("groupName"),
            "Description": options.get("description"),
            "ScheduleExpressionTimezone": options.get("timezone"),
        }
    except ValueError as error:
        raise _wrong(build.service, event, error) from None
    logical_id = f"{normalised(event.key)}SchedulerSchedule{number}"
    build.add(logical_id, "AWS::Scheduler::Schedule", properties, event.path, depends_on=event.after)


def _wrong(service: Service, event: Event, error: ValueError) -> ConfigError:
    return event.error(service, str(error), todo="such as rate(5 minutes) or cron(0 12 * * ? *)")


def _checked(rate: Value) -> Value:
    if isinstance(rate, str) and not _RATE.fullmatch(rate):
        raise ValueError(f"{rate} is not a rate")
    if not rate or isinstance(rate, bool | int | float | list):
        raise ValueError("no rate")
    return rate.strip() if isinstance(rate, str) else rate


def _state(options: dict[str, Value]) -> str:
    return "DISABLED" if options.get("enabled") is False else "ENABLED"


def rule_properties(rate: Value, options: dict[str, Value], targets: list[Value]) -> dict[str, Value]:
    """Return the properties of a scheduled rule. Raises ValueError for an invalid rate or input."""
    return {
        "ScheduleExpression": _checked(rate),
        "State": _state(options),
        "Name": options.get("name"),
        "Description": options.get("description"),
        "Targets": targets,
    }


def target_input(options: dict[str, Value]) -> dict[str, Value]:
    """Return the target's Input, InputPath or InputTransformer. Raises ValueError for more than one."""
    given = [key for key in ("input", "inputPath", "inputTransformer") if options.get(key) is not None]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} exclude each other")
    if not given:
        return {}
    value = options[given[0]]
    if given[0] == "input":
        return {"Input": value if isinstance(value, str) else json_text(_with_body(value))}
    if given[0] == "inputPath":
        return {"InputPath": value}
    if not isinstance(value, dict) or "inputTemplate" not in value:
        raise ValueError("inputTransformer has no inputTemplate")
    transformer = {"InputPathsMap": value.get("inputPathsMap"), "InputTemplate": value["inputTemplate"]}
    return {"InputTransformer": {key: item for key, item in transformer.items() if item is not None}}


def _with_body(value: Value) -> Value:
    """Return the input with a JSON text in `body` parsed."""
    if not isinstance(value, dict) or not isinstance(value.get("body"), str):
        return value
    try:
        return {**value, "body": json.loads(value["body"])}
    except ValueError:
        raise ValueError("input.body is not JSON") from None
