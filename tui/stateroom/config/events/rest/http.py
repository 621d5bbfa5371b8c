"""Compile `http` events to the service's REST API."""

from __future__ import annotations

from collections.abc import Sequence

from stateroom.config.compilation import Compilation
from stateroom.config.events.event import ACCOUNT, PARTITION, REGION, Event, fn_join, permit
from stateroom.config.events.rest.api import DEPLOYMENT, add_deployment, rest_paths
from stateroom.config.events.rest.authorizer import Authorizer, add_authorizer
from stateroom.config.events.rest.cors import Cors, preflight
from stateroom.config.events.rest.endpoint import Endpoint, endpoint, method_id
from stateroom.config.events.rest.keys import add_keys
from stateroom.config.events.rest.method import add_method
from stateroom.config.events.rest.models import request_checks
from stateroom.config.events.rest.resources import Paths
from stateroom.config.naming import permission_id
from stateroom.model.values import Value


def http(build: Compilation, events: Sequence[Event]) -> None:
    """Add the API, paths, methods, authorizers, models, keys, deployment and stage. Raises ConfigError."""
    paths = rest_paths(build, events[0])
    endpoints = [endpoint(build, event) for event in events]
    for one in endpoints:
        paths.resource(one.event, one.path)
    methods = _preflights(build, endpoints, paths)
    source = fn_join("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", paths.api_id, "/*/*")
    for one in endpoints:
        permit(build, one.event, "ApiGateway", "apigateway.amazonaws.com", SourceArn=source)
        if one.authorizer:
            add_authorizer(build, one.event, one.authorizer, paths.api_id)
        checks = request_checks(build, one, paths.api_id)
        add_method(build, one, paths.api_id, paths.resource(one.event, one.path), checks)
        methods.append(one.method_id)
    for one in endpoints:
        if one.authorizer:
            _permit_authorizer(build, one.event, one.authorizer, source)
    add_deployment(build, events[0], paths.api_id, methods)
    add_keys(build, events[0], paths.api_id, DEPLOYMENT)


def _preflights(build: Compilation, endpoints: Sequence[Endpoint], paths: Paths) -> list[str]:
    """Add an OPTIONS method for each path with CORS; returns their logical ids."""
    allowed: dict[str, tuple[Event, Cors]] = {}
    for one in endpoints:
        if one.cors:
            before = allowed.get(one.path)
            allowed[one.path] = (one.event, before[1].joined(one.cors) if before else one.cors)
    explicit = {one.path for one in endpoints if one.method == "OPTIONS"}
    made = []
    for path, (event, cors) in allowed.items():
        if path in explicit:
            continue  # the service answers by itself
        properties = {**preflight(cors), "ResourceId": paths.resource(event, path), "RestApiId": paths.api_id}
        build.add(method_id(path, "OPTIONS"), "AWS::ApiGateway::Method", properties, event.path)
        made.append(method_id(path, "OPTIONS"))
    return made


def _permit_authorizer(build: Compilation, event: Event, authorizer: Authorizer, source: Value) -> None:
    """Permit API Gateway to invoke a function as authorizer, unless it is a user pool or permitted already."""
    logical_id = permission_id(authorizer.name, "ApiGateway")
    if authorizer.arn is None or authorizer.cognito or authorizer.external or logical_id in build.resources:
        return
    properties = {
        "FunctionName": {"Ref": authorizer.after[0]} if authorizer.after else authorizer.arn,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": source,
    }
    build.add(logical_id, "AWS::Lambda::Permission", properties, event.path)
