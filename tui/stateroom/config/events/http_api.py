"""`httpApi`: one HTTP API a service, an integration a function, a route an event."""

from __future__ import annotations

from typing import Final

from stateroom.config.build import Build
from stateroom.config.events.event import Event, permit
from stateroom.config.naming import HTTP_API, normalised, path_part, upper_first
from stateroom.config.service import Service
from stateroom.config.shapes import shapes
from stateroom.model.resource import Output
from stateroom.model.values import Value

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"})
_KEYS: Final = shapes("method:text path:text")
_LATER: Final = frozenset({"authorizer"})
_API_KEYS: Final = shapes("cors payload:text name:text metrics:flag disableDefaultEndpoint:flag timeout:number")
_API_LATER: Final = frozenset({"id", "authorizers", "shouldStartNameWithService", "useProviderTags"})
_TIMEOUT: Final = 30_000  # ms, the longest that an HTTP API waits
_CORS_HEADERS: Final = (
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)
_CORS_KEYS: Final = shapes(
    "allowedOrigins allowedHeaders allowedMethods exposedResponseHeaders maxAge:number allowCredentials:flag"
)
_CORS: Final = {
    "allowedOrigins": "AllowOrigins",
    "allowedHeaders": "AllowHeaders",
    "allowedMethods": "AllowMethods",
    "exposedResponseHeaders": "ExposeHeaders",
    "maxAge": "MaxAge",
    "allowCredentials": "AllowCredentials",
}


def http_api(build: Build, event: Event) -> None:
    """A route to the function; the first event also makes the API, its stage and its outputs."""
    route_key = _route_key(build.service, event)
    if HTTP_API not in build.resources:
        _api(build, event)
    key = normalised(event.function.key)
    integration = f"HttpApiIntegration{key}"
    if integration not in build.resources:
        build.add(integration, "AWS::ApiGatewayV2::Integration", _integration(build, event), event.path)
    method, _, path = route_key.partition(" ")
    logical_id = f"HttpApiRoute{upper_first(method.lower())}{path_part(path)}" if path else "HttpApiRouteDefault"
    properties = {
        "ApiId": {"Ref": HTTP_API},
        "RouteKey": route_key if path else "$default",
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
    }
    build.add(logical_id, "AWS::ApiGatewayV2::Route", properties, event.path, depends_on=(integration,))
    permit(build, event, "HttpApi", "apigateway.amazonaws.com", _execute_arn())


def _execute_arn() -> Value:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{HTTP_API}}}/*"}


def _route_key(service: Service, event: Event) -> str:
    """`GET /users/{id}`, or `*` for everything."""
    options = event.options(service, "route", _KEYS, _LATER)
    route = options.get("route")
    if route is None:
        path, method = options.get("path"), options.get("method", "*")
        route = "*" if path == "*" else f"{method} {path}"
    if not isinstance(route, str):
        raise event.error(service, "not a route", todo="write it so: - httpApi: GET /users/{id}")
    if route.strip() == "*":
        return "*"
    method, _, path = route.strip().partition(" ")
    method, path = ("ANY" if method == "*" else method.upper()), path.strip()
    if method not in _METHODS or not path.startswith("/") or " " in path:
        raise event.error(service, f"{route} is not a route", todo="write it so: - httpApi: GET /users/{id}")
    return f"{method} {path}"


def _integration(build: Build, event: Event) -> dict[str, Value]:
    block = build.service.mapping("provider", "httpApi")
    return {
        "ApiId": {"Ref": HTTP_API},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": event.function.arn,
        "PayloadFormatVersion": str(block.get("payload") or "2.0"),
        "TimeoutInMillis": _TIMEOUT,
    }


def _api(build: Build, event: Event) -> None:
    service = build.service
    service.check(_API_KEYS, _API_LATER, "provider", "httpApi")
    block = service.mapping("provider", "httpApi")
    api = {
        "Name": service.text("provider", "httpApi", "name") or f"{service.stage}-{service.app}",
        "ProtocolType": "HTTP",
        "CorsConfiguration": _cors(build, block.get("cors")),
        "DisableExecuteApiEndpoint": block.get("disableDefaultEndpoint"),
    }
    build.add(HTTP_API, "AWS::ApiGatewayV2::Api", api, event.path)
    stage = {
        "ApiId": {"Ref": HTTP_API},
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {"DetailedMetricsEnabled": bool(block.get("metrics", False))},
    }
    build.add("HttpApiStage", "AWS::ApiGatewayV2::Stage", stage, event.path)
    url = f"https://${{{HTTP_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
    build.outputs["HttpApiId"] = Output({"Ref": HTTP_API}, "Id of the HTTP API")
    build.outputs["HttpApiUrl"] = Output({"Fn::Sub": url}, "URL of the HTTP API")


def _cors(build: Build, cors: Value) -> dict[str, Value] | None:
    service = build.service
    if not cors:
        return None
    if cors is True:
        return {
            "AllowOrigins": ["*"],
            "AllowHeaders": list(_CORS_HEADERS),
            "AllowMethods": _methods(build),
        }
    if not isinstance(cors, dict):
        raise service.error("neither true nor a map", "provider", "httpApi", "cors", todo="write cors: true")
    service.check(_CORS_KEYS, (), "provider", "httpApi", "cors")
    defaults = {"allowedOrigins": ["*"], "allowedHeaders": list(_CORS_HEADERS), "allowedMethods": _methods(build)}
    return {_CORS[key]: value for key, value in {**defaults, **cors}.items() if value is not None}


def _methods(build: Build) -> list[str]:
    """The methods that the service's routes use, and OPTIONS."""
    found = {"OPTIONS"}
    for config in build.service.mapping("functions").values():
        events = config.get("events") if isinstance(config, dict) else None
        for item in events if isinstance(events, list) else ():
            value = item.get("httpApi") if isinstance(item, dict) else None
            method = value.get("method", "*") if isinstance(value, dict) else str(value or "").split(" ")[0]
            method = str(method).upper()
            if method in ("*", "ANY"):
                return sorted(_METHODS - {"ANY"})
            if method in _METHODS:
                found.add(method)
    return sorted(found)
