"""Compile `notifications:` of a state machine to execution status rules and target policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import suggestion
from stateroom.config.function import Function
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.definition import with_local_functions
from stateroom.config.stepfunctions.machine import Machine
from stateroom.config.stepfunctions.permissions.role import role_settings
from stateroom.config.stepfunctions.targets import KINDS, NotificationTarget, permission, rule_target, short_digest
from stateroom.model.values import Value

_STATUSES: Final = ("ABORTED", "FAILED", "RUNNING", "SUCCEEDED", "TIMED_OUT")
_NAME_LIMIT: Final = 64  # of a rule
_POLICIES: Final = {"AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues"}


@dataclass(slots=True)
class _Policy:
    """Policy of a queue or topic. It can have only one: machines that notify the same one share it."""

    logical_id: str
    type: str
    properties: dict[str, Value]
    path: KeyPath


def compile_notifications(build: Compilation, machines: Sequence[Machine], functions: Mapping[str, Function]) -> None:
    """Add every machine's rules, and the policies that let them reach their targets. Raises ConfigError."""
    policies: dict[str, _Policy] = {}
    for machine in machines:
        if not machine.config.get("notifications"):
            continue
        if machine.express:
            build.warn(f"{machine.key}: notifications are ignored: an Express workflow sends none")
            continue
        targets = list(_targets(build, machine, functions))
        role = _permissions(build, machine, targets, policies)
        for status in _STATUSES:
            own = [target for target in targets if target.status == status]
            if own:
                _rule(build, machine, status, own, role)
    for policy in policies.values():
        build.add(policy.logical_id, policy.type, policy.properties, policy.path)


def _targets(build: Compilation, machine: Machine, functions: Mapping[str, Function]) -> Iterator[NotificationTarget]:
    service = build.service
    path = (*machine.path, "notifications")
    config = service.mapping(*path)
    for status in config:
        if status not in _STATUSES:
            raise service.error(f"{status} is not a status", *path, status, todo=suggestion(status, _STATUSES))
    for status in _STATUSES:
        value = config.get(status) or []
        if not isinstance(value, list):
            raise service.error("not a list", *path, status, todo="begin each target with -")
        for index, item in enumerate(value):
            where = (*path, status, index)
            service.check(keys.TARGET, (), *where)
            kind = next((kind for kind in KINDS if isinstance(item, Mapping) and item.get(kind)), None)
            if kind is None:
                raise service.error("no target", *where, todo=f"write one of {', '.join(KINDS)}")
            service.check(keys.INPUT_TRANSFORMER, (), *where, "inputTransformer")
            yield NotificationTarget(status, index, kind, with_local_functions(item, functions), where)


def _permissions(
    build: Compilation, machine: Machine, targets: Sequence[NotificationTarget], policies: dict[str, _Policy]
) -> Value:
    """Add permissions for the rules to reach their targets. Returns the role that some need, or None."""
    granted: list[Value] = []
    for index, target in enumerate(targets):
        found = permission(build.service, target)
        if found.statement is not None:
            granted.append(found.statement)
            continue
        logical_id = f"{machine.logical_id}ResourcePolicy{short_digest({'index': index, 'resource': found.resource})}"
        type_ = found.resource["Type"]
        if type_ not in _POLICIES:
            build.add(logical_id, type_, found.resource["Properties"], target.path)
        else:
            _merge(policies, _Policy(logical_id, type_, found.resource["Properties"], target.path))
    if not granted:
        return None
    role_id = f"{machine.logical_id}NotificationsIamRole"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
    properties = {"AssumeRolePolicyDocument": {"Statement": trust}, "Policies": granted, **role_settings(build)}
    build.add(role_id, "AWS::IAM::Role", properties, (*machine.path, "notifications"))
    return {"Fn::GetAtt": [role_id, "Arn"]}


def _merge(policies: dict[str, _Policy], policy: _Policy) -> None:
    statement = policy.properties["PolicyDocument"]["Statement"]
    about = json.dumps([policy.type, policy.properties[_POLICIES[policy.type]]], sort_keys=True, default=repr)
    known = policies.setdefault(about, policy)
    document = known.properties["PolicyDocument"]
    if known is policy:
        document["Statement"] = [statement]
    elif statement["Sid"] not in {own["Sid"] for own in document["Statement"]}:
        document["Statement"].append(statement)


def _rule(
    build: Compilation, machine: Machine, status: str, targets: Sequence[NotificationTarget], role: Value
) -> None:
    detail = {"status": [status], "stateMachineArn": [machine.arn]}
    properties = {
        "Description": f"[{status}] status notification for state machine [{machine.label}]",
        "EventPattern": {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": detail,
        },
        "Name": _rule_name(build, machine, status),
        "RoleArn": role,
        "Targets": [rule_target(machine, target, role) for target in targets],
    }
    logical_id = f"{machine.logical_id}Notifications{status.replace('_', '')}EventRule"
    build.add(logical_id, "AWS::Events::Rule", properties, (*machine.path, "notifications", status))


def _rule_name(build: Compilation, machine: Machine, status: str) -> str:
    """Return the rule's name, with the stage when the machine has no name.

    Without the stage, two stages would share one rule.
    """
    label = machine.name or f"{build.service.prefix}-{machine.key}"
    name = f"{label}-{status}-notification"
    if len(name) <= _NAME_LIMIT:
        return name
    return f"{name[: _NAME_LIMIT - 6]}-{short_digest(name)}"
