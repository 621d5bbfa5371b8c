"""Compile `httpApi` events: one HTTP API a service, an integration a function, a route an event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import (
    ACCOUNT,
    PARTITION,
    REGION,
    URL_SUFFIX,
    Event,
    checked_options,
    fn_join,
    permit,
)
from stateroom.config.events.http.authorizers import Authorization, add_authorizers, authorization
from stateroom.config.events.http.cors import METHODS, cors_configuration
from stateroom.config.events.http.gateway import access_logs, add_log_group
from stateroom.config.naming import HTTP_API, normalised, path_part
from stateroom.config.service import Service
from stateroom.model.values import Value

_KEYS: Final = key_types("method:text path:text authorizer:scalar|map")
_BLOCK: Final[KeyPath] = ("provider", "httpApi")
_API_KEYS: Final = key_types(
    """cors:flag|map payload:text name:text description:text metrics:flag disableDefaultEndpoint:flag id:scalar
    authorizers:map shouldStartNameWithService:flag useProviderTags:flag"""
)
_FUNCTION_KEYS: Final = key_types("payload:text")
_TIMEOUT: Final = 30  # seconds, the longest that an HTTP API waits
_LOG_GROUP: Final = "HttpApiLogGroup"
_STAGE: Final = "HttpApiStage"
_LOGGED: Final = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
}


@dataclass(frozen=True, slots=True)
class _Route:
    """Route of an HTTP API. `key` is `GET /users/{id}`, or `*` for everything."""

    event: Event
    key: str
    authorization: Authorization | None


def http_api(build: Compilation, events: Sequence[Event]) -> None:
    """Add the API with its stage, authorizers and routes; only routes with `provider.httpApi.id`."""
    service = build.service
    block = checked_options(service, _API_KEYS, *_BLOCK)
    routes = [_route(build, event) for event in events]
    api_id = block.get("id") or {"Ref": HTTP_API}
    execute = fn_join("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", api_id, "/*")
    if block.get("id"):
        _refuse_settings(service)
    else:
        _add_api(build, events[0], block, [route.key.partition(" ")[0] for route in routes])
        add_authorizers(build, events[0], api_id, execute)
    for route in routes:
        _add_route(build, route, api_id, block, execute)
    for function in {event.key: event.function for event in events}.values():
        timeout = function.config.get("timeout") or service.lookup("provider", "timeout")
        if str(timeout).isdecimal() and int(str(timeout)) >= _TIMEOUT:
            build.warn(f"{function.key}: an HTTP API waits {_TIMEOUT} s at most, the function may take {timeout} s")


def _refuse_settings(service: Service) -> None:
    """Reject API settings for an API that the service does not own. Raises ConfigError."""
    for path in ((*_BLOCK, "cors"), (*_BLOCK, "authorizers"), ("provider", "logs", "httpApi")):
        if service.lookup(*path):
            todo = "set it where that API is deployed, or remove provider.httpApi.id"
            raise service.error("not for an API of someone else's", *path, todo=todo)


def _route(build: Compilation, event: Event) -> _Route:
    service = build.service
    options = event.options(service, "route", _KEYS)
    return _Route(event, _route_key(service, event, options), authorization(service, event, options.get("authorizer")))


def _route_key(service: Service, event: Event, options: Mapping[str, Value]) -> str:
    todo = "write it so: - httpApi: GET /users/{id}"
    route = options.get("route")
    if route is None:
        path, method = options.get("path"), options.get("method")
        if path is None or (method is None and path != "*"):
            raise event.error(service, f"no {'path' if path is None else 'method'}", todo=todo)
        route = "*" if path == "*" and method in (None, "*") else f"{method} {path}"
    if not isinstance(route, str):
        raise event.error(service, "not a route", todo=todo)
    if route.strip() == "*":
        return "*"
    method, _, path = route.strip().partition(" ")
    method, path = ("ANY" if method == "*" else method.upper()), path.strip()
    if method not in METHODS or not path.startswith("/") or " " in path:
        raise event.error(service, f"{route} is not a route", todo=todo)
    return f"{method} {path}"


def _add_route(build: Compilation, route: _Route, api_id: Value, block: Mapping[str, Value], execute: Value) -> None:
    event, service = route.event, build.service
    integration = f"HttpApiIntegration{normalised(event.key)}"
    permit(build, event, "HttpApi", "apigateway.amazonaws.com", SourceArn=execute)
    if integration not in build.resources:
        own = checked_options(service, _FUNCTION_KEYS, *event.function.path, "httpApi")
        properties = {
            "ApiId": api_id,
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": event.target,
            "PayloadFormatVersion": str(own.get("payload") or block.get("payload") or "2.0"),
            "TimeoutInMillis": _TIMEOUT * 1000,
        }
        build.add(integration, "AWS::ApiGatewayV2::Integration", properties, event.path, depends_on=event.after)
    properties = {
        "ApiId": api_id,
        "RouteKey": "$default" if route.key == "*" else route.key,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
        **(route.authorization.properties() if route.authorization else {}),
    }
    logical_id = "HttpApiRouteDefault" if route.key == "*" else f"HttpApiRoute{path_part(route.key)}"
    build.add(logical_id, "AWS::ApiGatewayV2::Route", properties, event.path, depends_on=(integration,))


def _add_api(build: Compilation, event: Event, block: Mapping[str, Value], methods: Sequence[str]) -> None:
    service = build.service
    tags = service.mapping("provider", "tags") or None
    name = (service.app, service.stage) if block.get("shouldStartNameWithService") else (service.stage, service.app)
    api = {
        "Name": service.text(*_BLOCK, "name") or "-".join(name),
        "Description": block.get("description"),
        "ProtocolType": "HTTP",
        "CorsConfiguration": cors_configuration(service, methods),
        "DisableExecuteApiEndpoint": block.get("disableDefaultEndpoint"),
        "Tags": tags,
    }
    build.add(HTTP_API, "AWS::ApiGatewayV2::Api", api, event.path)
    stage = {
        "ApiId": {"Ref": HTTP_API},
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {"DetailedMetricsEnabled": bool(block.get("metrics", False))},
        "Tags": tags,
    }
    logs = access_logs(service, "httpApi", "format:text")
    if logs is not None:
        add_log_group(build, event, _LOG_GROUP, f"/aws/http-api/{_stack(service)}")
        stage["AccessLogSettings"] = {
            "DestinationArn": {"Fn::GetAtt": [_LOG_GROUP, "Arn"]},
            "Format": logs.get("format") or json.dumps(_LOGGED, separators=(",", ":")),
        }
    depends_on = () if logs is None else (_LOG_GROUP,)
    build.add(_STAGE, "AWS::ApiGatewayV2::Stage", stage, event.path, depends_on=depends_on)
    url = fn_join("https://", {"Ref": HTTP_API}, ".execute-api.", REGION, ".", URL_SUFFIX)
    build.add_output("HttpApiId", {"Ref": HTTP_API}, "Id of the HTTP API")
    build.add_output("HttpApiUrl", url, "URL of the HTTP API")


def _stack(service: Service) -> str:
    name = service.lookup("provider", "stackName")
    return name if isinstance(name, str) and name else service.prefix
