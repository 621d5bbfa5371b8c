"""Shared execution role of functions without a role of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.function import Function
from stateroom.config.naming import EXECUTION_ROLE, normalised
from stateroom.config.plugins import ROLES_PER_FUNCTION, lists_plugin
from stateroom.model.values import Value

_LOG_GROUPS: Final = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
VPC_POLICY: Final = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
VERSION: Final = "2012-10-17"  # of IAM's policy language


def trust(*principals: Value) -> dict[str, Value]:
    """Return a trust policy for service principals."""
    statement = {"Effect": "Allow", "Principal": {"Service": [*principals]}, "Action": ["sts:AssumeRole"]}
    return {"Version": VERSION, "Statement": [statement]}


def inline_policy(name: str, statements: list[Value]) -> dict[str, Value]:
    """Return one entry of a role's Policies."""
    return {"PolicyName": name, "PolicyDocument": {"Version": VERSION, "Statement": statements}}


def compile_execution_role(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Add the shared role if a function needs it.

    Its statements are those for logs, `iam.role.statements`, then the events' grants.
    """
    service = build.service
    sharing = [function for function in functions.values() if has_execution_role(build, function)]
    if not sharing:
        return
    block = _role_block(build)
    statements = [*_log_statements(build, functions), *_user_statements(build), *build.grants]
    policies = list(block.get("managedPolicies") or service.lookup("provider", "iamManagedPolicies") or ())
    if service.lookup("provider", "vpc") or any("vpc" in function.config for function in functions.values()):
        policies.append({"Fn::Sub": VPC_POLICY})
    properties = {
        "AssumeRolePolicyDocument": trust("lambda.amazonaws.com", *dict.fromkeys(build.trusted)),
        "Policies": [inline_policy(f"{service.prefix}-lambda", statements)] if statements else None,
        "Path": block.get("path") or "/",
        "RoleName": block.get("name") or {"Fn::Sub": f"{service.prefix}-${{AWS::Region}}-lambdaRole"},
        "ManagedPolicyArns": policies or None,
        "PermissionsBoundary": block.get("permissionsBoundary")
        or block.get("permissionBoundary")
        or service.lookup("provider", "rolePermissionsBoundary"),
        "Tags": [{"Key": key, "Value": value} for key, value in sorted((block.get("tags") or {}).items())] or None,
    }
    build.add(EXECUTION_ROLE, "AWS::IAM::Role", properties, ("provider", "iam", "role"))


def has_execution_role(build: Compilation, function: Function) -> bool:
    """Tell whether the function runs with the generated shared role."""
    return _given_role(build, function) is None


def own_role_id(function: Function) -> str:
    """Return the logical id of a role that only this function has (config.functions.own_roles)."""
    return f"{normalised(function.key)}{EXECUTION_ROLE}"


def has_own_role(build: Compilation, function: Function) -> bool:
    """Tell whether a role is generated for this function alone."""
    stated = function.config.get("iamRoleStatements") is not None
    return stated and lists_plugin(build.service, ROLES_PER_FUNCTION)


def log_group_pattern(name: str) -> str:
    """Return the ARN of all streams in a function's log group, for Fn::Sub."""
    return f"{_LOG_GROUPS}{name}:*:*"


def role_of(build: Compilation, function: Function) -> Value:
    """Return the ARN of the function's role.

    The role is given as an ARN, an intrinsic, or the logical id of a role.
    """
    role = _given_role(build, function)
    if has_own_role(build, function):
        role = own_role_id(function)
    elif role is None:
        role = EXECUTION_ROLE
    is_id = isinstance(role, str) and not role.startswith("arn:")
    return {"Fn::GetAtt": [role, "Arn"]} if is_id else role


def _given_role(build: Compilation, function: Function) -> Value:
    return function.config.get("role") or build.service.lookup("provider", "role") or _role_block(build).get("arn")


def _role_block(build: Compilation) -> dict[str, Value]:
    role = build.service.lookup("provider", "iam", "role")
    if role is None or (isinstance(role, dict) and not _is_reference(role)):
        return role or {}
    return {"arn": role}


def _is_reference(role: Mapping[str, Value]) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in role)


def _user_statements(build: Compilation) -> list[Value]:
    path, statements = build.own_statements()
    for index, statement in enumerate(statements):
        if "Effect" not in statement:
            raise build.service.error("no Effect", *path, index, todo="add Effect: Allow")
    return statements


def _log_statements(build: Compilation, functions: Mapping[str, Function]) -> list[Value]:
    """Return the log statements: one pattern for functions with default names, one ARN for each other."""
    prefix = build.service.prefix
    logging = [function.name for function in functions.values() if not function.config.get("disableLogs")]
    silent = [function.name for function in functions.values() if function.config.get("disableLogs")]
    streams = [name for name in logging if not name.startswith(prefix)]
    by_rule = len(streams) < len(logging)
    if by_rule:
        streams.append(f"{prefix}*")
    if not streams:
        return []
    denied = [name for name in silent if name.startswith(prefix)] if by_rule else []
    deny = {
        "Effect": "Deny",
        "Action": "logs:PutLogEvents",
        "Resource": [{"Fn::Sub": f"{_LOG_GROUPS}{name}:*"} for name in denied],
    }
    return [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"],
            "Resource": [{"Fn::Sub": f"{_LOG_GROUPS}{name}:*"} for name in streams],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": [{"Fn::Sub": f"{_LOG_GROUPS}{name}:*:*"} for name in streams],
        },
        *([deny] if denied else []),
    ]
