"""Compile a state machine's role from its tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.function import Function
from stateroom.config.functions.execution_role import inline_policy
from stateroom.config.resources.json_text import with_pseudo_parameters
from stateroom.config.stepfunctions.definition import local_function, static_arn, with_local_functions
from stateroom.config.stepfunctions.machine import Machine
from stateroom.config.stepfunctions.permissions.arns import HERE, arn
from stateroom.config.stepfunctions.permissions.grant import Grant, grant, statements
from stateroom.config.stepfunctions.permissions.grants import INTEGRATIONS, function_and_versions, started
from stateroom.config.stepfunctions.tasks import DISTRIBUTED_MAP, DYNAMIC, Task, tasks_of
from stateroom.model.values import Value

_LAMBDA: Final = re.compile(r"arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):lambda:")
_INTEGRATION: Final = re.compile(r"arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):states:::([\w-]+(?::\w+)+)(\..*)?")
_ACTIVITY: Final = re.compile(r"arn:.*:states:.*:activity:.*")
_ALIAS: Final = re.compile(r"(:function:[^:]+):[^:]+$")
_UNNAMED: Final = 60  # characters of a derived name that are never cut
_TRACING: Final = "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets"
_LOGGING: Final = """CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries
    PutResourcePolicy DescribeResourcePolicies DescribeLogGroups"""
_KEYS: Final = "kms:Decrypt,kms:Encrypt,kms:ReEncrypt*,kms:GenerateDataKey*,kms:DescribeKey"


def compile_role(build: Compilation, machine: Machine, functions: Mapping[str, Function]) -> None:
    """Add the machine's role; unknown integrations get a warning. Raises ConfigError."""
    service = build.service
    # Pseudo parameters come first, or the policy would keep a literal #{AWS::Region}.
    definition = with_pseudo_parameters(machine.definition)
    grants: list[Grant] = []
    for task in tasks_of(machine, definition):
        found = _grants(build, machine, task, functions)
        if found is None:
            build.warn(
                f"{machine.key}: no permission is inferred for state {task.name} ({task.resource}): "
                "add iamRoleStatements"
            )
        grants += found or []
    listed = [*statements([*grants, *_features(machine.config)]), *(machine.config.get("iamRoleStatements") or [])]
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": {"Fn::Sub": "states.${AWS::Region}.amazonaws.com"}},
        "Action": "sts:AssumeRole",
    }
    nothing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [inline_policy(f"{service.stage}-{service.app}-statemachine", listed or [nothing])],
        **role_settings(build),
    }
    build.add(machine.role_id, "AWS::IAM::Role", properties, machine.path)


def role_settings(build: Compilation) -> dict[str, Value]:
    """Return the provider's settings for every role: path and permissions boundary."""
    return {
        "Path": build.service.lookup("provider", "iam", "role", "path"),
        "PermissionsBoundary": build.service.lookup("provider", "rolePermissionsBoundary"),
    }


def _features(config: Mapping[str, Value]) -> list[Grant]:
    grants = []
    if config.get("loggingConfig") is not None:
        grants.append(grant(",".join(f"logs:{action}" for action in _LOGGING.split()), "*"))
    if config.get("tracingConfig") is not None:
        grants.append(grant(",".join(f"xray:{action}" for action in _TRACING.split()), "*"))
    if config.get("kmsKeyArns"):
        grants.append(grant(_KEYS, config["kmsKeyArns"]))
    key = (config.get("encryptionConfig") or {}).get("KmsKeyId")
    if key:
        grants.append(grant("kms:Decrypt,kms:Encrypt", {"Fn::Sub": key} if isinstance(key, str) else key))
    return grants


def _grants(build: Compilation, machine: Machine, task: Task, functions: Mapping[str, Function]) -> list[Grant] | None:
    """Return the grants of a task; None when they cannot be derived."""
    resource = task.resource
    if resource == DISTRIBUTED_MAP:
        return _map_runs(build, machine)
    name = _integration(resource)
    if name in ("lambda:invoke", "lambda:invoke.waitForTaskToken"):
        return _invoked(task, functions)
    if name:
        entry = INTEGRATIONS.get(name) or INTEGRATIONS.get(name.partition(".")[0])
        return entry(task) if entry else None
    text = _text(resource)
    if text and _ACTIVITY.match(text):
        return []
    if intrinsic(resource) or (text and _LAMBDA.match(text)):
        return _called(resource, functions)
    return None


def _integration(resource: Value) -> str | None:
    """Return `sqs:sendMessage.waitForTaskToken` from the ARN of an integration."""
    match = _INTEGRATION.fullmatch(_text(resource))
    return f"{match[1]}{match[2] or ''}" if match else None


def _text(resource: Value) -> str:
    text = resource.get("Fn::Sub") if isinstance(resource, Mapping) else resource
    return text if isinstance(text, str) else ""


def _map_runs(build: Compilation, machine: Machine) -> list[Grant]:
    """Grant a distributed Map to start its own machine.

    The role cannot refer to the machine, because the machine refers to the role.
    """
    derived = f"{build.service.prefix}-{machine.logical_id}"[:_UNNAMED]
    name = machine.name or f"{derived}*"
    return [
        *started(
            "states:StartExecution", arn(f"states:{HERE}:stateMachine:{name}"), arn(f"states:{HERE}:execution:{name}:*")
        ),
        grant("states:RedriveExecution", arn(f"states:{HERE}:execution:{name}/*:*")),
    ]


def _called(resource: Value, functions: Mapping[str, Function]) -> list[Grant]:
    """Return the grants for a function that is a Task's Resource."""
    if isinstance(resource, str):
        resource = _ALIAS.sub(r"\1", resource)
        return [_invoke(function_and_versions({"Fn::Sub": resource} if "${" in resource else resource))]
    return [_invoke(function_and_versions(with_local_functions(resource, functions)))]


def _invoked(task: Task, functions: Mapping[str, Function]) -> list[Grant]:
    """Return the grants for a function that `lambda:invoke` names or gives by ARN."""
    name = task.argument("FunctionName")
    if name is None or name is DYNAMIC:
        allowed = task.argument("AllowedFunctions")
        return [_invoke("*" if not allowed or allowed is DYNAMIC else allowed)]
    if isinstance(name, str):
        if _LAMBDA.match(name):
            return [_invoke(function_and_versions({"Fn::Sub": name} if "${" in name else name))]
        parts = name.split(":")
        partial = len(parts) == 3 and parts[0].isdecimal()  # account:function:name
        place = f"lambda:${{AWS::Region}}:{name}" if partial else f"lambda:{HERE}:function:{name}"
        return [_invoke(function_and_versions(arn(place)))]
    if intrinsic(name) == "Ref":
        function = local_function(name["Ref"], functions)
        place = static_arn(function) if function else arn(f"lambda:{HERE}:function:<name>", name=name)
        return [_invoke(function_and_versions(place))]
    if intrinsic(name) == "Fn::GetAtt":
        return [_invoke(function_and_versions(with_local_functions(name, functions)))]
    return [_invoke(name)]


def _invoke(resources: Value) -> Grant:
    return grant("lambda:InvokeFunction", resources)
