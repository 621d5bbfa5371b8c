"""`sns`: a subscription of the function to a topic, which is made when only named.

The framework writes a plain subscription inside the topic it makes; here each is a resource of its own, so that one
function's subscription is seen, drifts and is healed by itself.
"""

from __future__ import annotations

from typing import Final

from stateroom.config.build import Build
from stateroom.config.events.event import Event, name_in_arn, permit
from stateroom.config.intrinsics import intrinsic
from stateroom.config.naming import alphanumeric, normalised
from stateroom.config.shapes import shapes
from stateroom.model.values import Value

_KEYS: Final = shapes(
    """arn:scalar topicName:text displayName:text filterPolicy:map filterPolicyScope:text redrivePolicy:map
    kmsMasterKeyId:text"""
)


def sns(build: Build, event: Event) -> None:
    """A subscription and a permission; a topic too, when none of that name is made yet and no ARN is given."""
    service = build.service
    options = event.options(service, "topic", _KEYS, ())
    short = options.pop("topic", None)
    if short is not None:
        is_arn = bool(intrinsic(short)) or str(short).startswith("arn:")
        options["arn" if is_arn else "topicName"] = short
    arn = options.get("arn")
    name = options.get("topicName") or name_in_arn(arn)
    if not isinstance(name, str) or not alphanumeric(name):
        raise event.error(service, "no topic", todo="write - sns: topic-name, or - sns: {arn: …, topicName: …}")
    if arn is None:
        arn = _topic(build, event, name, options)
    redrive = options.get("redrivePolicy")
    properties = {
        "Endpoint": event.function.arn,
        "Protocol": "lambda",
        "TopicArn": arn,
        "FilterPolicy": options.get("filterPolicy"),
        "FilterPolicyScope": options.get("filterPolicyScope"),
        "RedrivePolicy": _redrive(build, event, redrive) if redrive else None,
        "Region": _region(arn, service.region),
    }
    logical_id = f"{normalised(event.function.key)}SnsSubscription{alphanumeric(name)}"
    build.add(logical_id, "AWS::SNS::Subscription", properties, event.path)
    permit(build, event, f"{alphanumeric(name)}SNS", "sns.amazonaws.com", arn)


def _topic(build: Build, event: Event, name: str, options: dict[str, Value]) -> Value:
    logical_id = f"SNSTopic{alphanumeric(name)}"
    if logical_id not in build.resources:
        properties = {
            "TopicName": name,
            "DisplayName": options.get("displayName"),
            "KmsMasterKeyId": options.get("kmsMasterKeyId"),
        }
        build.add(logical_id, "AWS::SNS::Topic", properties, event.path)
    return {"Ref": logical_id}


def _region(arn: Value, own: str) -> str | None:
    """The topic's region, when it is another one than the function's."""
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 3 and parts[3] != own else None


def _redrive(build: Build, event: Event, value: Value) -> Value:
    known = {"deadLetterTargetArn", "deadLetterTargetRef", "deadLetterTargetImport"}
    if not isinstance(value, dict) or len(value) != 1 or not known >= set(value):
        raise event.error(
            build.service, "not one of its keys", "redrivePolicy", todo=f"write one of {', '.join(sorted(known))}"
        )
    ((key, target),) = value.items()
    if key == "deadLetterTargetRef":
        target = {"Fn::GetAtt": [target, "Arn"]}
    elif key == "deadLetterTargetImport":
        raise event.error(build.service, "not supported yet", "redrivePolicy", key, todo="use deadLetterTargetArn")
    return {"deadLetterTargetArn": target}
