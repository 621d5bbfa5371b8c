"""Compile `sns` events to topic subscriptions; a topic given by name only is created."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import UNKNOWN_ACCOUNT, arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import (
    ACCOUNT,
    PARTITION,
    REGION,
    URL_SUFFIX,
    Event,
    checked_options,
    fn_join,
    permit,
)
from stateroom.config.naming import alphanumeric, normalised
from stateroom.model.values import Value

_KEYS: Final = key_types(
    "arn:scalar topicName:text displayName:text filterPolicy:map filterPolicyScope:text redrivePolicy:map"
)
_REDRIVE: Final = frozenset({"deadLetterTargetArn", "deadLetterTargetRef", "deadLetterTargetImport"})
_IMPORT: Final = key_types("arn:text url:text")


def sns(build: Compilation, events: Sequence[Event]) -> None:
    """Add a subscription and a permission for each event; a topic too unless it exists or has an ARN."""
    for event in events:
        _subscribe(build, event)


def _subscribe(build: Compilation, event: Event) -> None:
    options = event.options(build.service, "topic", _KEYS)
    short = options.pop("topic", None)
    if short is not None:
        is_arn = bool(intrinsic(short)) or str(short).startswith("arn:")
        options["arn" if is_arn else "topicName"] = short
    arn, name = options.get("arn"), _name(build, event, options)
    suffix = alphanumeric(name)
    source = arn or fn_join("arn:", PARTITION, ":sns:", REGION, ":", ACCOUNT, ":", name)
    redrive = _redrive(build, event, name, source) if options.get("redrivePolicy") is not None else None
    subscription = {"Endpoint": event.target, "Protocol": "lambda"}
    if arn is None:
        topic_id = _topic(build, event, name, options)
        if not options.get("filterPolicy") and not redrive:
            _write_inside(build, topic_id, subscription)
            permit(build, event, f"{suffix}SNS", "sns.amazonaws.com", SourceArn=source)
            return
        arn = {"Ref": topic_id}
    properties = {
        **subscription,
        "TopicArn": arn,
        "FilterPolicy": options.get("filterPolicy"),
        "FilterPolicyScope": options.get("filterPolicyScope"),
        "RedrivePolicy": redrive,
        "Region": _region(arn, build.service.region),
    }
    logical_id = f"{normalised(event.key)}SnsSubscription{suffix}"
    build.add(logical_id, "AWS::SNS::Subscription", properties, event.path, depends_on=event.after)
    permit(build, event, f"{suffix}SNS", "sns.amazonaws.com", SourceArn=source)


def _name(build: Compilation, event: Event, options: dict[str, Value]) -> str:
    """Return the topic's name for logical ids. Raises ConfigError."""
    arn, name = options.get("arn"), options.get("topicName")
    if name is None:
        name = (arn_text(arn) or "").rpartition(":")[2]
    if not isinstance(name, str) or not alphanumeric(name):
        why = "an ARN that is not written out does not tell the topic's name" if arn is not None else ""
        todo = "write - sns: topic-name, or - sns: {arn: …, topicName: …}"
        raise event.error(build.service, "no topic name", why=why, todo=todo)
    return name


def _topic(build: Compilation, event: Event, name: str, options: dict[str, Value]) -> str:
    logical_id = f"SNSTopic{alphanumeric(name)}"
    if logical_id not in build.resources:
        properties = {"TopicName": name, "DisplayName": options.get("displayName")}
        build.add(logical_id, "AWS::SNS::Topic", properties, event.path, depends_on=event.after)
    topic = build.resources[logical_id]
    missing = tuple(name for name in event.after if name not in topic.depends_on)
    build.resources[logical_id] = replace(topic, depends_on=topic.depends_on + missing)
    return logical_id


def _write_inside(build: Compilation, topic_id: str, subscription: dict[str, Value]) -> None:
    topic = build.resources[topic_id]
    subscriptions = [*topic.properties.get("Subscription", ()), subscription]
    build.resources[topic_id] = replace(topic, properties={**topic.properties, "Subscription": subscriptions})


def _region(arn: Value, own: str) -> str | None:
    """Return the topic's region when it differs from the function's."""
    parts = (arn_text(arn) or "").split(":")
    return parts[3] if len(parts) > 3 and parts[3] != own else None


def _redrive(build: Compilation, event: Event, topic: str, source: Value) -> Value:
    """Return RedrivePolicy, and permit the topic to send undeliverable messages to the queue."""
    service = build.service
    value = service.mapping(*event.path, "redrivePolicy")
    if len(value) != 1 or not set(value) <= _REDRIVE:
        todo = f"write one of {', '.join(sorted(_REDRIVE))}"
        raise event.error(service, "not one of its keys", "redrivePolicy", todo=todo)
    ((key, target),) = value.items()
    if key == "deadLetterTargetArn":
        arn, url = target, _queue_url(build, event, target)
    elif key == "deadLetterTargetRef":
        arn, url = {"Fn::GetAtt": [target, "Arn"]}, {"Ref": target}
    else:
        names = checked_options(service, _IMPORT, *event.path, "redrivePolicy", key)
        if not names.get("arn") or not names.get("url"):
            raise event.error(service, "not both arn and url", "redrivePolicy", key, todo="write arn: and url:")
        arn, url = {"Fn::ImportValue": names["arn"]}, {"Fn::ImportValue": names["url"]}
    policy_id = f"{alphanumeric(topic)}To{normalised(event.key)}DLQPolicy"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    document = {"Version": "2012-10-17", "Id": policy_id, "Statement": [statement]}
    build.add(policy_id, "AWS::SQS::QueuePolicy", {"PolicyDocument": document, "Queues": [url]}, event.path)
    return {"deadLetterTargetArn": arn}


def _queue_url(build: Compilation, event: Event, arn: Value) -> Value:
    parts: list[Value] = [ACCOUNT if part == UNKNOWN_ACCOUNT else part for part in (arn_text(arn) or "").split(":")]
    if len(parts) != 6:
        todo = "write the queue's whole ARN, or deadLetterTargetRef: with its logical id"
        raise event.error(build.service, "not an ARN", "redrivePolicy", "deadLetterTargetArn", todo=todo)
    return fn_join(f"https://sqs.{parts[3]}.", URL_SUFFIX, "/", parts[4], f"/{parts[5]}")
