"""Compile `websocket` events: one WebSocket API a service, an integration a function, a route an event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.event import REGION, URL_SUFFIX, Event, allow, checked_options, fn_join
from stateroom.config.events.existing import account_role
from stateroom.config.events.http.gateway import access_logs, add_log_group, api_gateway, invocation
from stateroom.config.naming import function_id, normalised, permission_id
from stateroom.model.values import Value

API: Final = "WebsocketsApi"
DEPLOYMENT: Final = "WebsocketsDeployment"
STAGE: Final = "WebsocketsDeploymentStage"
_LOG_GROUP: Final = "WebsocketsLogGroup"
_KEYS: Final = key_types("route:text routeResponseSelectionExpression:text authorizer")
_AUTHORIZER: Final = key_types("name:text arn:scalar identitySource:texts")
_LOGS: Final = "accessLogging:flag executionLogging:flag format:text fullExecutionData:flag level:text"
_IDENTITY: Final = "route.request.header.Auth"
_FORMAT: Final = (
    "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "
    '"$context.eventType $context.routeKey $context.connectionId" $context.requestId'
)
_DESCRIPTION: Final = "Serverless Websockets"
_LETTERS: Final = {"$": "S", "/": "Slash", "-": "Dash", "_": "Underscore", ".": "Period"}


@dataclass(frozen=True, slots=True)
class _Authorizer:
    name: str
    target: Value
    identity: Value
    after: tuple[str, ...]  # logical ids that its permission depends on, other than the API


def websocket(build: Compilation, events: Sequence[Event]) -> None:
    """Add the API, routes, deployment and stage; only routes with `provider.apiGateway.websocketApiId`."""
    given = api_gateway(build.service).get("websocketApiId")
    api_id = given or {"Ref": API}
    first = events[0]
    if not given:
        _api(build, first)
    routes: list[str] = []
    for event in events:
        routes += _route(build, event, api_id)
    if not given:
        _stage(build, first, api_id)
    deployment = {
        "ApiId": api_id,
        "Description": _description(build),
        "StageName": build.service.stage if given else None,
    }
    build.add(DEPLOYMENT, "AWS::ApiGatewayV2::Deployment", deployment, first.path, depends_on=tuple(routes))
    url = fn_join("wss://", api_id, ".execute-api.", REGION, ".", URL_SUFFIX, f"/{build.service.stage}")
    build.add_output("ServiceEndpointWebsocket", url, "URL of the service endpoint")


def _description(build: Compilation) -> str:
    return build.service.text("provider", "websocketsDescription") or _DESCRIPTION


def _api(build: Compilation, event: Event) -> None:
    service = build.service
    tags = service.mapping("provider", "tags") if service.lookup("provider", "websocket", "useProviderTags") else {}
    expression = service.lookup("provider", "websocketsApiRouteSelectionExpression")
    properties = {
        "Name": service.text("provider", "websocketsApiName") or f"{service.stage}-{service.app}-websockets",
        "RouteSelectionExpression": expression or "$request.body.action",
        "Description": _description(build),
        "ProtocolType": "WEBSOCKET",
        "Tags": dict(tags) or None,
    }
    build.add(API, "AWS::ApiGatewayV2::Api", properties, event.path)
    connections = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"}
    allow(build, ["execute-api:ManageConnections"], [connections])


def _route(build: Compilation, event: Event, api_id: Value) -> list[str]:
    """Add integration, permission and route; returns the ids that the deployment depends on."""
    service = build.service
    options = event.options(service, "route", _KEYS)
    event.required(service, options, "route")
    event.one_of(service, options, "routeResponseSelectionExpression", {"$default"})
    integration = f"{normalised(event.key)}WebsocketsIntegration"
    if integration not in build.resources:
        properties = {"ApiId": api_id, "IntegrationType": "AWS_PROXY", "IntegrationUri": invocation(event.target)}
        build.add(integration, "AWS::ApiGatewayV2::Integration", properties, event.path, depends_on=event.after)
    _permit(build, event, event.key, event.target, _api_ref(api_id) + (event.after or (function_id(event.key),)))
    authorizer = _authorizer(build, event, options.get("authorizer"))
    if authorizer:
        _add_authorizer(build, event, authorizer, api_id)
    key, expression = str(options["route"]), options.get("routeResponseSelectionExpression")
    route_id = f"{re.sub(r'[$/_.-]', lambda match: _LETTERS[match[0]], key)}WebsocketsRoute"
    properties = {
        "ApiId": api_id,
        "RouteKey": key,
        "AuthorizationType": "CUSTOM" if authorizer else "NONE",
        "AuthorizerId": {"Ref": _authorizer_id(authorizer.name)} if authorizer else None,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
        "RouteResponseSelectionExpression": expression,
    }
    build.add(route_id, "AWS::ApiGatewayV2::Route", properties, event.path)
    if not expression:
        return [route_id]
    response = {"ApiId": api_id, "RouteId": {"Ref": route_id}, "RouteResponseKey": "$default"}
    build.add(f"{route_id}Response", "AWS::ApiGatewayV2::RouteResponse", response, event.path)
    return [f"{route_id}Response", route_id]


def _api_ref(api_id: Value) -> tuple[str, ...]:
    return (str(api_id["Ref"]),) if intrinsic(api_id) == "Ref" else ()


def _permit(build: Compilation, event: Event, name: str, target: Value, after: tuple[str, ...]) -> None:
    logical_id = permission_id(name, "Websockets")
    if logical_id not in build.resources:
        properties = {
            "FunctionName": target,
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        }
        build.add(logical_id, "AWS::Lambda::Permission", properties, event.path, depends_on=after)


def _authorizer(build: Compilation, event: Event, value: Value) -> _Authorizer | None:
    """Return the authorizer: a function of the service by key, or any by ARN. Raises ConfigError."""
    if value is None:
        return None
    service = build.service
    if isinstance(value, dict) and not intrinsic(value):
        options = checked_options(service, _AUTHORIZER, *event.path, "authorizer")
    else:
        options = {"arn" if ":" in str(value) else "name": value}
    arn, name = options.get("arn"), options.get("name")
    identity = as_list(options.get("identitySource")) or [_IDENTITY]
    if arn is not None:
        text = arn_text(arn)
        if text is None and not name:
            raise event.error(service, "an ARN that is not written out needs a name", "authorizer", todo="add name:")
        return _Authorizer(str(name) if text is None else text.rpartition(":")[2], arn, identity, ())
    function = event.functions.get(str(name))
    if function is None:
        todo = suggestion(str(name), event.functions) or "write the key of one of the service's functions"
        raise event.error(service, f"there is no function {name}", "authorizer", todo=todo)
    return _Authorizer(function.key, function.target, identity, (function.logical_id, *function.target_after))


def _authorizer_id(name: str) -> str:
    return f"{normalised(name)}WebsocketsAuthorizer"


def _add_authorizer(build: Compilation, event: Event, authorizer: _Authorizer, api_id: Value) -> None:
    logical_id = _authorizer_id(authorizer.name)
    if logical_id in build.resources:
        return
    properties = {
        "ApiId": api_id,
        "Name": authorizer.name,
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": invocation(authorizer.target),
        "IdentitySource": authorizer.identity,
    }
    depends_on = authorizer.after[1:]
    build.add(logical_id, "AWS::ApiGatewayV2::Authorizer", properties, event.path, depends_on=depends_on)
    _permit(build, event, authorizer.name, authorizer.target, _api_ref(api_id) + authorizer.after)


def _stage(build: Compilation, event: Event, api_id: Value) -> None:
    service = build.service
    properties = {
        "ApiId": api_id,
        "StageName": service.stage,
        "Description": _description(build),
        "DeploymentId": {"Ref": DEPLOYMENT},
    }
    options = access_logs(service, "websocket", _LOGS)
    if options is not None:
        level = options.get("level") or "INFO"
        properties["DefaultRouteSettings"] = {
            "DataTraceEnabled": options.get("fullExecutionData", True),
            "LoggingLevel": "OFF" if options.get("executionLogging") is False else level,
        }
        if options.get("accessLogging") is not False:
            arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
            properties["AccessLogSettings"] = {
                "DestinationArn": {"Fn::Sub": f"{arn}${{{_LOG_GROUP}}}"},
                "Format": options.get("format") or _FORMAT,
            }
        add_log_group(build, event, _LOG_GROUP, f"/aws/websocket/{service.prefix}")
        account_role(build, event.path)
    build.add(STAGE, "AWS::ApiGatewayV2::Stage", properties, event.path)
