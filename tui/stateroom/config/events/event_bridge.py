"""Compile `eventBridge` and `cloudwatchEvent` events to rules on event buses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import ACCOUNT, PARTITION, REGION, Event, add_permission, checked_options, permit
from stateroom.config.events.schedule import target_input
from stateroom.config.naming import alphanumeric, normalised
from stateroom.config.service import Service
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """eventBus:scalar schedule:text name:text description:text enabled:flag pattern:map input inputPath:text
    inputTransformer:map retryPolicy:map deadLetterQueueArn:scalar"""
)
_PATTERN: Final = key_types("version id detail-type source account time region resources detail $or:list")
_RETRY: Final = key_types("maximumEventAge:number maximumRetryAttempts:number")
_SCHEDULE: Final = re.compile(r"(?:cron|rate)\(.+\)")
_CLOUDWATCH: Final = key_types(
    "event:map input inputPath:text inputTransformer:map description:text name:text enabled:flag"
)
_NAME_LENGTH: Final = 64  # of rules and targets
_HASHED: Final = 31  # characters of a too long name that are kept


def event_bridge(build: Compilation, events: Sequence[Event]) -> None:
    """Add a rule and a permission for each event; a bus too, when it is given by name only."""
    if build.service.lookup("provider", "eventBridge", "useCloudFormation") is False:
        build.warn("provider.eventBridge.useCloudFormation: false is ignored: rules are resources of their own here")
    for event in events:
        _event_bridge(build, event)


def _event_bridge(build: Compilation, event: Event) -> None:
    service = build.service
    options = _options(service, event)
    bus, bus_id = _bus(build, event, options.get("eventBus"))
    unnamed = f"{event.function.name}-rule-{event.position}"
    name = options.get("name") or _short(unnamed, f"rule-{event.position}")
    target = {
        "Arn": event.target,
        "Id": _short(f"{name}-target", "target"),
        "RetryPolicy": _retries(service, event),
        "DeadLetterConfig": {"Arn": options["deadLetterQueueArn"]} if options.get("deadLetterQueueArn") else None,
        **_input(service, event, options),
    }
    properties = {
        "Description": options.get("description"),
        "EventBusName": bus,
        "EventPattern": options.get("pattern"),
        "Name": name,
        "ScheduleExpression": options.get("schedule"),
        "State": "DISABLED" if options.get("enabled") is False else "ENABLED",
        "Targets": [{key: value for key, value in target.items() if value is not None}],
    }
    rule_id = f"{alphanumeric(unnamed)}EventBridgeRule"
    build.add(rule_id, "AWS::Events::Rule", properties, event.path, depends_on=(*event.after, *bus_id))
    rule = {"Fn::Join": ["/", ["rule", *([bus] if bus else []), name]]}
    source = {"Fn::Join": [":", ["arn", PARTITION, "events", REGION, ACCOUNT, rule]]}
    permission_id = f"{normalised(event.key)}EventBridgeLambdaPermission{event.position}"
    add_permission(build, event, permission_id, "events.amazonaws.com", SourceArn=source)


def _options(service: Service, event: Event) -> dict[str, Value]:
    options = event.options(service, "", _KEYS)
    if options.get("pattern") is None and options.get("schedule") is None:
        raise event.error(service, "neither pattern nor schedule", todo="add pattern: with what to match")
    if isinstance(options.get("schedule"), str) and not _SCHEDULE.fullmatch(options["schedule"]):
        todo = "such as rate(5 minutes) or cron(0 12 * * ? *)"
        raise event.error(service, f"{options['schedule']} is not a rate", "schedule", todo=todo)
    service.check(_PATTERN, (), *event.path, "pattern")
    return options


def _bus(build: Compilation, event: Event, bus: Value) -> tuple[Value, tuple[str, ...]]:
    """Return the bus name (None: default bus) and the bus's logical id when it is created here."""
    if bus is None or bus == "default" or bus == "":
        return None, ()
    text = arn_text(bus)
    if text is not None and text.startswith("arn"):
        return text.partition("/")[2], ()
    if intrinsic(bus):
        return bus, ()
    logical_id = f"{normalised(str(bus))}EventBridgeEventBus"
    if logical_id not in build.resources:
        build.add(logical_id, "AWS::Events::EventBus", {"Name": bus}, event.path)
    return bus, (logical_id,)


def _short(name: Value, suffix: str) -> Value:
    """Shorten a name to the limit: a long one keeps its start and gets a digest."""
    if not isinstance(name, str) or len(name) <= _NAME_LENGTH:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return f"{name[: _HASHED - len(suffix)]}{digest}-{suffix}"


def _retries(service: Service, event: Event) -> Value:
    policy = checked_options(service, _RETRY, *event.path, "retryPolicy")
    properties = {
        "MaximumEventAgeInSeconds": policy.get("maximumEventAge"),
        "MaximumRetryAttempts": policy.get("maximumRetryAttempts"),
    }
    return {key: value for key, value in properties.items() if value is not None} or None


def _input(service: Service, event: Event, options: Mapping[str, Value]) -> dict[str, Value]:
    try:
        return target_input(dict(options))
    except ValueError as error:
        raise event.error(service, str(error), todo="see the event's input keys") from None


def cloudwatch_event(build: Compilation, events: Sequence[Event]) -> None:
    """Add a rule on the default bus and a permission for each event."""
    for event in events:
        options = event.options(build.service, "", _CLOUDWATCH)
        event.required(build.service, options, "event")
        suffix = f"EventsRuleCloudWatchEvent{event.number}"
        rule_id = f"{normalised(event.key)}{suffix}"
        target = {
            "Arn": event.target,
            "Id": f"{event.key}CloudWatchEvent",
            **_input(build.service, event, options),
        }
        properties = {
            "EventPattern": options["event"],
            "State": "DISABLED" if options.get("enabled") is False else "ENABLED",
            "Description": options.get("description"),
            "Name": options.get("name"),
            "Targets": [target],
        }
        build.add(rule_id, "AWS::Events::Rule", properties, event.path, depends_on=event.after)
        permit(build, event, suffix, "events.amazonaws.com", SourceArn={"Fn::GetAtt": [rule_id, "Arn"]})
