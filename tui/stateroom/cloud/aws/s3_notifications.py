"""Conversion of bucket notifications: CloudFormation has one event an entry, S3 lists of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.shapes import without_empty

# CloudFormation's list and its name of the target → the same at S3.
_KINDS: Final = {
    "LambdaConfigurations": ("Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    "QueueConfigurations": ("Queue", "QueueConfigurations", "QueueArn"),
    "TopicConfigurations": ("Topic", "TopicConfigurations", "TopicArn"),
}


def to_s3(document: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a bucket's `NotificationConfiguration` to S3's form."""
    made: dict[str, Any] = {}
    for name, (target, theirs, arn) in _KINDS.items():
        listed = [
            without_empty({arn: item[target], "Events": [item["Event"]], "Filter": _filter(item)})
            for item in document.get(name) or ()
        ]
        if listed:
            made[theirs] = listed
    bridge = document.get("EventBridgeConfiguration")
    if bridge is not None and bridge.get("EventBridgeEnabled", True) is not False:
        made["EventBridgeConfiguration"] = {}
    return made


def from_s3(document: Mapping[str, Any]) -> dict[str, Any]:
    """Convert S3's form to CloudFormation's, one entry an event, sorted."""
    found: dict[str, Any] = {}
    for name, (target, theirs, arn) in _KINDS.items():
        entries = [
            without_empty({"Event": event, target: item[arn], "Filter": _filter_back(item)})
            for item in document.get(theirs) or ()
            for event in item.get("Events") or ()
        ]
        if entries:
            found[name] = sorted(entries, key=str)
    if "EventBridgeConfiguration" in document:
        found["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return found


def _filter(item: Mapping[str, Any]) -> dict[str, Any] | None:
    rules = ((item.get("Filter") or {}).get("S3Key") or {}).get("Rules")
    return {"Key": {"FilterRules": list(rules)}} if rules else None


def _filter_back(item: Mapping[str, Any]) -> dict[str, Any] | None:
    rules = ((item.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    back = [{"Name": str(rule["Name"]).lower(), "Value": rule["Value"]} for rule in rules]
    return {"S3Key": {"Rules": back}} if back else None
