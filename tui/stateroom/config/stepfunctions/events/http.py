"""Compile `http` events of a state machine to REST API methods that call Step Functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.events.event import Event
from stateroom.config.events.rest.api import DEPLOYMENT, add_deployment, rest_paths
from stateroom.config.events.rest.authorizer import Authorizer, add_authorizer
from stateroom.config.events.rest.cors import Cors, preflight
from stateroom.config.events.rest.endpoint import method_id
from stateroom.config.events.rest.keys import add_keys
from stateroom.config.events.rest.models import request_checks
from stateroom.config.events.rest.resources import Paths
from stateroom.config.function import Function
from stateroom.config.functions.execution_role import inline_policy
from stateroom.config.naming import alphanumeric
from stateroom.config.resources.user_resources import merged
from stateroom.config.stepfunctions.events.http_method import ROLE, StartMethod, method_properties, read_start
from stateroom.config.stepfunctions.machine import Machine
from stateroom.config.stepfunctions.permissions.role import role_settings
from stateroom.model.values import Value

_ARN: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:([^:/]*)[:/]?.*")
_NO_CREDENTIALS: Final = "'false'"


def compile_http(
    build: Compilation, events: Sequence[tuple[Machine, KeyPath]], functions: Mapping[str, Function]
) -> None:
    """Add the API, unless functions have added it, and a method for each event. Raises ConfigError."""
    if not events:
        return
    starts = [read_start(build, machine, path, functions) for machine, path in events]
    first = starts[0].event
    paths = rest_paths(build, first)
    for start in starts:
        paths.resource(start.event, start.path)
    methods = [_method(build, start, paths) for start in starts]
    for start in starts:
        if start.authorizer:
            add_authorizer(build, start.event, start.authorizer, paths.api_id)
            _permit(build, start.event, start.authorizer)
    methods += _preflights(build, starts, paths)
    _role(build, starts)
    add_deployment(build, first, paths.api_id, methods)
    if not any(resource.type == "AWS::ApiGateway::UsagePlan" for resource in build.resources.values()):
        add_keys(build, first, paths.api_id, DEPLOYMENT)


def _method(build: Compilation, start: StartMethod, paths: Paths) -> str:
    authorizer = start.authorizer
    properties = {
        **method_properties(build, start),
        "ResourceId": paths.resource(start.event, start.path),
        "RestApiId": paths.api_id,
        **request_checks(build, start.endpoint, paths.api_id),
    }
    depends_on = (authorizer.logical_id,) if authorizer and authorizer.arn is not None else ()
    logical_id = method_id(start.path, start.method)
    build.add(logical_id, "AWS::ApiGateway::Method", properties, start.event.path, depends_on=depends_on)
    return logical_id


def _permit(build: Compilation, event: Event, authorizer: Authorizer) -> None:
    """Permit API Gateway to invoke the authorizer function."""
    if authorizer.arn is None or authorizer.cognito:
        return
    match = _ARN.fullmatch(authorizer.arn) if isinstance(authorizer.arn, str) else None
    parts = authorizer.arn.get("Fn::GetAtt") if isinstance(authorizer.arn, Mapping) else None
    owner = match[1] if match else parts[0] if isinstance(parts, list) else alphanumeric(authorizer.name)
    properties = {
        "FunctionName": authorizer.arn,
        "Action": "lambda:InvokeFunction",
        "Principal": {"Fn::Sub": "apigateway.${AWS::URLSuffix}"},
    }
    logical_id = f"{owner}LambdaPermission"
    if logical_id in build.resources and build.resources[logical_id].properties != properties:
        logical_id = f"{alphanumeric(authorizer.name)}LambdaPermission"
    if logical_id not in build.resources:
        build.add(logical_id, "AWS::Lambda::Permission", properties, event.path)


def _preflights(build: Compilation, starts: Sequence[StartMethod], paths: Paths) -> list[str]:
    """Add an OPTIONS method for each path with CORS; returns their logical ids."""
    allowed: dict[str, tuple[Event, Cors]] = {}
    for start in starts:
        if start.cors:
            before = allowed.get(start.path)
            allowed[start.path] = (start.event, _joined(before[1], start.cors) if before else start.cors)
    made = []
    for path, (event, cors) in allowed.items():
        logical_id = method_id(path, "OPTIONS")
        where = {"ResourceId": paths.resource(event, path), "RestApiId": paths.api_id}
        properties = {**_preflight(cors), **where}
        known = build.resources.get(logical_id)
        if known is None:
            build.add(logical_id, "AWS::ApiGateway::Method", properties, event.path)
        else:  # a function at the same path
            build.resources[logical_id] = replace(known, properties=merged(known.properties, properties))
        made.append(logical_id)
    return made


def _joined(before: Cors, later: Cors) -> Cors:
    """Merge two settings; all origins are allowed where one of them allows all."""
    both = before.joined(later)
    return replace(both, origin="*", origins=()) if "*" in (before.answer, later.answer) else both


def _preflight(cors: Cors) -> dict[str, Value]:
    """Return the OPTIONS method as for functions, with credentials denied as the plugin does."""
    properties = preflight(cors)
    header = "method.response.header.Access-Control-Allow-Credentials"
    properties["MethodResponses"][0]["ResponseParameters"][header] = True
    properties["Integration"]["IntegrationResponses"][0]["ResponseParameters"].setdefault(header, _NO_CREDENTIALS)
    return properties


def _role(build: Compilation, starts: Sequence[StartMethod]) -> None:
    """Add API Gateway's role for Step Functions, for events without a role of their own."""
    if all(start.role is not None for start in starts):
        return
    actions = list(dict.fromkeys(["states:StartExecution", *(f"states:{start.action}" for start in starts)]))
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [inline_policy("apigatewaytostepfunctions", [statement])],
        **role_settings(build),
    }
    build.add(ROLE, "AWS::IAM::Role", properties, starts[0].event.path)
