"""Target input, retry policy and role that schedules and rules of a state machine share."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.functions.execution_role import inline_policy
from stateroom.config.resources.json_text import json_text
from stateroom.config.service import Service
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.machine import Machine
from stateroom.config.stepfunctions.permissions.role import role_settings
from stateroom.model.values import Value


def target_input(service: Service, options: Mapping[str, Value], path: KeyPath) -> dict[str, Value]:
    """Return the target's Input, InputPath or InputTransformer. Raises ConfigError for more than one."""
    given = [key for key in ("input", "inputPath", "inputTransformer") if options.get(key)]
    if len(given) > 1:
        raise service.error(f"{' and '.join(given)} exclude each other", *path, todo="keep one of them")
    if not given:
        return {}
    value = options[given[0]]
    if given[0] == "input":
        return {"Input": value if isinstance(value, str) else json_text(value)}
    if given[0] == "inputPath":
        return {"InputPath": value}
    service.check(keys.INPUT_TRANSFORMER, (), *path, "inputTransformer")
    if "inputTemplate" not in value:
        raise service.error("no inputTemplate", *path, "inputTransformer", todo="add inputTemplate:")
    transformer = {"InputPathsMap": value.get("inputPathsMap"), "InputTemplate": value["inputTemplate"]}
    return {"InputTransformer": {key: item for key, item in transformer.items() if item is not None}}


def retry_policy(service: Service, path: KeyPath) -> dict[str, Value]:
    """Return RetryPolicy of a target, if the event has one. Raises ConfigError."""
    service.check(keys.RETRY_POLICY, (), *path, "retryPolicy")
    policy = service.mapping(*path, "retryPolicy")
    names = {
        "MaximumEventAgeInSeconds": policy.get("maximumEventAgeInSeconds"),
        "MaximumRetryAttempts": policy.get("maximumRetryAttempts"),
    }
    found = {key: int(value) if isinstance(value, str) else value for key, value in names.items() if value is not None}
    return {"RetryPolicy": found} if found else {}


def starting_role(
    build: Compilation, machine: Machine, role_id: str, principals: list[str], policy: str, path: KeyPath
) -> None:
    """Add a role that lets service principals start the machine."""
    service: Value = principals[0] if len(principals) == 1 else principals
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    start = {"Effect": "Allow", "Action": ["states:StartExecution"], "Resource": machine.arn}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [inline_policy(policy, [start])],
        **role_settings(build),
    }
    build.add(role_id, "AWS::IAM::Role", properties, path)


def policy_name(build: Compilation, machine: Machine, kind: str) -> str:
    """Return `<stage>-<region>-<service>-<key>-<kind>`."""
    service = build.service
    return f"{service.stage}-{service.region}-{service.app}-{machine.key}-{kind}"
