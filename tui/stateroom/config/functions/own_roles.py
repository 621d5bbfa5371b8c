"""Roles of single functions, `iamRoleStatements:`, as the plugin serverless-iam-roles-per-function makes them.

Each is a copy of the shared role with statements of its own. Source: the plugin's release 3.2,
https://github.com/functionalone/serverless-iam-roles-per-function
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.function import Function
from stateroom.config.functions.execution_role import VPC_POLICY, inline_policy, log_group_pattern, own_role_id
from stateroom.config.naming import EXECUTION_ROLE
from stateroom.config.plugins import ROLES_PER_FUNCTION, lists_plugin
from stateroom.model.values import Value

_LONGEST_NAME: Final = 64  # characters of a role's name
_QUEUE: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_STREAM: Final = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
_LOGS: Final = ("logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents")


def compile_own_roles(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Add a role for each function with `iamRoleStatements`. Raises ConfigError."""
    service = build.service
    if not lists_plugin(service, ROLES_PER_FUNCTION):
        return
    service.check(keys.ROLES_PER_FUNCTION, (), "custom", ROLES_PER_FUNCTION)
    settings = service.mapping("custom", ROLES_PER_FUNCTION)
    boundary = settings.get("iamGlobalPermissionsBoundary")
    for function in functions.values():
        if function.config.get("iamRoleStatements") is not None:
            _add_role(build, function, settings)
    shared = build.resources.get(EXECUTION_ROLE)
    if boundary and shared is not None:
        properties = {**shared.properties, "PermissionsBoundary": boundary}
        build.resources[EXECUTION_ROLE] = replace(shared, properties=properties)


def _add_role(build: Compilation, function: Function, settings: Mapping[str, Value]) -> None:
    service, path, shared = build.service, (*function.path, "iamRoleStatements"), build.resources.get(EXECUTION_ROLE)
    if function.config.get("role") or shared is None:
        given = "the function's role" if function.config.get("role") else "provider.iam.role"
        raise service.error(f"both statements of its own and {given}", *path, todo="keep one of the two")
    statements = [*_granted(build, function), *_inherited(build, function, settings), *_own(build, function)]
    in_vpc = function.config.get("vpc") or service.lookup("provider", "vpc")
    boundary = function.config.get("iamPermissionsBoundary") or settings.get("iamGlobalPermissionsBoundary")
    properties = {
        **shared.properties,
        "Policies": [inline_policy(f"{service.prefix}-lambda", statements)],
        "ManagedPolicyArns": [{"Fn::Sub": VPC_POLICY}] if in_vpc else None,
        "RoleName": function.config.get("iamRoleStatementsName") or _name(build, function),
        **({"PermissionsBoundary": boundary} if boundary else {}),
    }
    build.add(own_role_id(function), "AWS::IAM::Role", properties, path)


def _name(build: Compilation, function: Function) -> Value:
    """Return a name such as `shop-dev-pay-eu-west-1-lambdaRole`; what it ends with is left out where it is too long."""
    service = build.service
    for end in ("-lambdaRole", ""):
        name = f"{service.prefix}-{function.key}-{{}}{end}"
        if len(name.format(service.region)) <= _LONGEST_NAME:
            return {"Fn::Sub": name.format("${AWS::Region}")}
    raise service.error(
        f"the role's name has more than {_LONGEST_NAME} characters", *function.path, todo="add iamRoleStatementsName:"
    )


def _own(build: Compilation, function: Function) -> list[Value]:
    """Return the function's own statements. Raises ConfigError for one that is none."""
    path, statements = (*function.path, "iamRoleStatements"), function.config["iamRoleStatements"]
    for index, statement in enumerate(statements):
        for names in (("Effect",), ("Action", "NotAction"), ("Resource", "NotResource")):
            if not any(statement.get(name) for name in names):
                raise build.service.error(f"no {names[0]}", *path, index, todo=f"add {' or '.join(names)}")
    return list(statements)


def _inherited(build: Compilation, function: Function, settings: Mapping[str, Value]) -> list[Value]:
    own = function.config.get("iamRoleStatementsInherit")
    return build.own_statements()[1] if own or (own is None and settings.get("defaultInherit")) else []


def _granted(build: Compilation, function: Function) -> Iterator[dict[str, Value]]:
    """Yield what the function's log group, streams, queues and dead letters need."""
    yield _allow(_LOGS, [{"Fn::Sub": log_group_pattern(function.name)}])
    sources: dict[str, list[Value]] = {"dynamodb": [], "kinesis": [], "sqs": []}
    for index, event in enumerate(function.config.get("events") or ()):
        for kind in ("stream", "sqs"):
            if isinstance(event, Mapping) and event.get(kind):
                arn, type_ = _source(event[kind])
                name = "sqs" if kind == "sqs" else type_
                if name not in sources:
                    path = (*function.path, "events", index, kind)
                    raise build.service.error("no kind of stream", *path, todo="add type: dynamodb, or kinesis")
                sources[name].append(arn)
    for name in ("dynamodb", "kinesis"):
        if sources[name]:
            yield _allow([f"{name}:{action}" for action in _STREAM], sources[name])
    if sources["sqs"]:
        yield _allow(_QUEUE, sources["sqs"])
    if function.config.get("onError"):
        yield _allow(["sns:Publish"], function.config["onError"])


def _source(event: Value) -> tuple[Value, str]:
    """Return the ARN of an event's source and, of a stream, its kind."""
    arn = event.get("arn") if isinstance(event, Mapping) and "arn" in event else event
    type_ = event.get("type") if isinstance(event, Mapping) else None
    return arn, str(type_ or (arn.split(":")[2] if isinstance(arn, str) and arn.count(":") > 2 else ""))


def _allow(actions: Iterable[str], resources: Value) -> dict[str, Value]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}
