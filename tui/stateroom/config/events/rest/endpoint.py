"""Endpoint of a REST API: a checked `http` event with its defaults, a method of a path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, checked_options
from stateroom.config.events.rest.authorizer import Authorizer, authorizer_of
from stateroom.config.events.rest.cors import Cors, cors_of
from stateroom.config.naming import path_part, upper_first
from stateroom.config.service import Service
from stateroom.model.values import Value

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE", "ANY"})
_KEYS: Final = key_types(
    """path:text method:text async:flag authorizer connectionId:scalar connectionType:text cors:flag|map
    integration:text operationId:text private:flag request:map response:map timeoutInMillis:number"""
)
_REQUEST: Final = key_types(
    """contentHandling:text method:text parameters:map passThrough:text schemas:map template:map uri:scalar"""
)
_RESPONSE: Final = key_types("contentHandling:text headers:map template:text transferMode:text statusCodes:map")
_STATUS: Final = key_types("headers:map pattern template:text|map")
_PARAMETERS: Final = key_types("querystrings:map headers:map paths:map")
_INTEGRATIONS: Final[Mapping[str, str]] = {
    "LAMBDA_PROXY": "AWS_PROXY",
    "AWS_PROXY": "AWS_PROXY",
    "LAMBDA": "AWS",
    "AWS": "AWS",
    "HTTP": "HTTP",
    "HTTP_PROXY": "HTTP_PROXY",
    "MOCK": "MOCK",
}
_PROXIES: Final = frozenset({"AWS_PROXY", "HTTP_PROXY"})
_TRANSFERS: Final = frozenset({"BUFFERED", "STREAM"})
_BESIDE_PROXY: Final = frozenset({"parameters", "schemas", "uri"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Method of a path. `path` has no slash at either end; `parameters` are keyed as API Gateway does."""

    event: Event
    path: str
    method: str  # upper case
    integration: str
    options: Mapping[str, Value]
    request: Mapping[str, Value]
    response: Mapping[str, Value]
    parameters: Mapping[str, Value]
    cors: Cors | None
    authorizer: Authorizer | None

    @property
    def method_id(self) -> str:
        """Logical id of the method."""
        return method_id(self.path, self.method)

    @property
    def mapped(self) -> bool:
        """Whether request and response go through mapping templates."""
        return self.integration not in _PROXIES


def method_id(path: str, method: str) -> str:
    """Return the logical id of a path's method."""
    return f"ApiGatewayMethod{path_part(path)}{upper_first(method.lower())}"


def endpoint(build: Compilation, event: Event) -> Endpoint:
    """Read an event. Raises ConfigError."""
    service = build.service
    options = _options(service, event)
    method, path = str(options["method"]).upper(), str(options["path"])
    method = "ANY" if method == "*" else method
    if method not in METHODS or " " in path.strip():
        raise _not_a_method(service, event, f"{options['method']} {path}")
    integration = _integration(service, event, options)
    request, response = _request(build, event, integration), _response(build, event, integration)
    return Endpoint(
        event,
        path.strip().strip("/"),
        method,
        integration,
        options,
        request,
        response,
        _parameters(service, event) if request.get("parameters") else {},
        cors_of(service, event, method),
        authorizer_of(service, event, integration),
    )


def _options(service: Service, event: Event) -> dict[str, Value]:
    options = event.options(service, "route", _KEYS)
    route = options.pop("route", None)
    if route is not None:
        method, _, path = str(route).strip().partition(" ")
        if not path.strip():
            raise _not_a_method(service, event, str(route))
        options |= {"method": method, "path": path}
    for name in ("method", "path"):
        if options.get(name) is None:
            raise event.error(service, f"no {name}", todo="write it so: - http: GET users/{id}")
    return options


def _not_a_method(service: Service, event: Event, text: str) -> Exception:
    return event.error(service, f"{text} is not a method and a path", todo="write it so: - http: GET users/{id}")


def _integration(service: Service, event: Event, options: Mapping[str, Value]) -> str:
    given = options.get("integration")
    if not given:
        return "AWS" if options.get("async") else "AWS_PROXY"
    name = str(given).upper().replace("-", "_")
    event.one_of(service, {"integration": name}, "integration", _INTEGRATIONS)
    integration = _INTEGRATIONS[name]
    if integration.startswith("HTTP"):
        uri = service.lookup(*event.path, "request", "uri")
        link = str(options.get("connectionType") or "").upper().replace("-", "_") == "VPC_LINK"
        if not uri:
            todo = "add request: {uri: https://…}"
            raise event.error(service, f"{integration} without a uri", "integration", todo=todo)
        if link and not options.get("connectionId"):
            todo = "add connectionId: with the VPC link's id"
            raise event.error(service, "a VPC link without an id", "connectionType", todo=todo)
    return integration


def _request(build: Compilation, event: Event, integration: str) -> dict[str, Value]:
    """Return the event's `request`; keys that a proxy does not use are dropped with a warning."""
    service = build.service
    if service.lookup(*event.path, "request") is None:
        return {}
    request = checked_options(service, _REQUEST, *event.path, "request")
    if integration in _PROXIES:
        kept = _BESIDE_PROXY if integration == "HTTP_PROXY" else _BESIDE_PROXY - {"uri"}
        unused = sorted(set(request) - kept)
        if unused:
            build.warn(f"{event.key}: request.{', request.'.join(unused)} is ignored: {integration} passes requests on")
        request = {key: value for key, value in request.items() if key in kept}
    return request


def _response(build: Compilation, event: Event, integration: str) -> dict[str, Value]:
    """Return the event's `response`; a proxy keeps only transferMode."""
    service = build.service
    if service.lookup(*event.path, "response") is None:
        return {}
    response = checked_options(service, _RESPONSE, *event.path, "response")
    for code in response.get("statusCodes") or {}:
        path = (*event.path, "response", "statusCodes", code)
        if not str(code).isdecimal() or len(str(code)) != 3:
            raise service.error(f"{code} is not a status code", *path, todo="write three digits")
        service.check(_STATUS, (), *path)
    transfer = response.get("transferMode")
    if transfer:
        response["transferMode"] = transfer = str(transfer).upper()
        event.one_of(service, response, "transferMode", _TRANSFERS)
        if integration not in _PROXIES:
            todo = "use integration: lambda-proxy, or remove it"
            raise event.error(service, f"not with {integration}", "response", "transferMode", todo=todo)
    if integration not in _PROXIES:
        return response
    unused = sorted(set(response) - {"transferMode"})
    if unused:
        build.warn(f"{event.key}: response.{', response.'.join(unused)} is ignored: {integration} passes responses on")
    return {"transferMode": transfer} if transfer else {}


def _parameters(service: Service, event: Event) -> dict[str, Value]:
    """Return `querystrings: {page: true}` as `method.request.querystring.page`, in API Gateway's order."""
    given = checked_options(service, _PARAMETERS, *event.path, "request", "parameters")
    return {
        f"method.request.{location[:-1]}.{name}": value
        for location in ("querystrings", "paths", "headers")
        for name, value in (given.get(location) or {}).items()
    }
