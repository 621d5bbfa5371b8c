"""Notification targets of a state machine, by kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.document.document import KeyPath
from stateroom.config.functions.execution_role import inline_policy
from stateroom.config.service import Service
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

KINDS: Final = ("sns", "sqs", "kinesis", "firehose", "lambda", "stepFunctions")
_ROLE_ACTIONS: Final = {
    "kinesis": "kinesis:PutRecord",
    "firehose": "firehose:PutRecord",
    "stepFunctions": "states:StartExecution",
}
_EVENTS: Final = "events.amazonaws.com"


@dataclass(frozen=True, slots=True)
class NotificationTarget:
    """Notification target of one status; `index` counts within the status."""

    status: str
    index: int
    kind: str
    config: Mapping[str, Value]
    path: KeyPath

    @property
    def arn(self) -> Value:
        """ARN of the notified resource."""
        value = self.config[self.kind]
        return value["arn"] if isinstance(value, Mapping) and "arn" in value else value

    @property
    def more(self) -> Mapping[str, Value]:
        """Target keys other than the ARN."""
        value = self.config[self.kind]
        return value if isinstance(value, Mapping) and "arn" in value else {}


@dataclass(frozen=True, slots=True)
class Permission:
    """Permission of a rule on its target: an inline policy of the rules' role, or a resource."""

    statement: Value = None
    resource: Value = None


def rule_target(machine: Machine, target: NotificationTarget, role: Value) -> dict[str, Value]:
    """Return the target in the rule's form."""
    written: dict[str, Value] = {"Arn": target.arn, "Id": _id(machine, target)}
    if target.kind == "sqs" and target.more:
        written["SqsParameters"] = {"MessageGroupId": target.more.get("messageGroupId")}
    if target.kind == "kinesis" and target.more:
        written["KinesisParameters"] = {"PartitionKeyPath": target.more.get("partitionKeyPath")}
    if target.kind == "stepFunctions":
        written["RoleArn"] = role
    if target.config.get("inputPath"):
        written["InputPath"] = target.config["inputPath"]
    transformer = target.config.get("inputTransformer")
    if transformer:
        given = {"InputPathsMap": transformer.get("inputPathsMap"), "InputTemplate": transformer.get("inputTemplate")}
        written["InputTransformer"] = {key: value for key, value in given.items() if value is not None}
    return written


def permission(service: Service, target: NotificationTarget) -> Permission:
    """Return the permission for a rule to reach the target. Raises ConfigError for an unknown queue URL."""
    if target.kind in _ROLE_ACTIONS:
        action = _ROLE_ACTIONS[target.kind]
        statement = {"Effect": "Allow", "Action": action, "Resource": target.arn}
        return Permission(statement=inline_policy(_name(target, action), [statement]))
    if target.kind == "lambda":
        properties = {"Action": "lambda:InvokeFunction", "FunctionName": target.arn, "Principal": _EVENTS}
        return Permission(resource={"Type": "AWS::Lambda::Permission", "Properties": properties})
    if target.kind == "sns":
        return Permission(resource=_policy(target, "SNS::TopicPolicy", "sns:Publish", {"Topics": [target.arn]}))
    queues = {"Queues": [_queue_url(service, target)]}
    return Permission(resource=_policy(target, "SQS::QueuePolicy", "sqs:SendMessage", queues))


def _policy(target: NotificationTarget, type_: str, action: str, about: Mapping[str, Value]) -> dict[str, Value]:
    statement = {
        "Sid": _name(target, action),
        "Principal": {"Service": _EVENTS},
        "Effect": "Allow",
        "Action": action,
        "Resource": target.arn,
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    return {"Type": f"AWS::{type_}", "Properties": {"PolicyDocument": document, **about}}


def _queue_url(service: Service, target: NotificationTarget) -> Value:
    arn = target.arn
    if isinstance(arn, str):
        url = "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/${QueueName}"
        return {"Fn::Sub": [url, {"QueueName": arn.rpartition(":")[2]}]}
    parts = arn.get("Fn::GetAtt") if isinstance(arn, Mapping) else None
    if isinstance(parts, str):
        parts = parts.split(".")
    if isinstance(parts, list) and parts:
        return {"Ref": parts[0]}
    todo = "refer to the queue with !GetAtt, or write its ARN out"
    raise service.error("a queue whose URL cannot be told", *target.path, "sqs", todo=todo)


def _id(machine: Machine, target: NotificationTarget) -> str:
    return f"{machine.label}-{target.status}-{short_digest({'target': {'Arn': target.arn}, 'index': target.index})}"


def _name(target: NotificationTarget, action: str) -> str:
    return f"{target.status}-{target.kind}-{short_digest({'action': action, 'resource': target.arn})}"


def short_digest(value: Value) -> str:
    """Return a digest of five characters."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=repr)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:5]
