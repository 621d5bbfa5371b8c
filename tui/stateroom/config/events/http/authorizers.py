"""Authorizers of an HTTP API: `provider.httpApi.authorizers` and `authorizer` of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.event import Event, checked_options
from stateroom.config.events.http.gateway import invocation
from stateroom.config.naming import HTTP_API, normalised
from stateroom.config.service import Service
from stateroom.model.values import Value

_EVENT_KEYS: Final = key_types("id:scalar name:text scopes type:text")
_EVENT_TYPES: Final = frozenset({"request", "jwt", "aws_iam"})
_TYPES: Final = ("jwt", "request")
_JWT: Final = key_types("type:text name:text identitySource issuerUrl:scalar audience")
_REQUEST: Final = key_types(
    """type:text name:text functionName:text functionArn:scalar managedExternally:flag resultTtlInSeconds:number
    enableSimpleResponses:flag payloadVersion:text identitySource"""
)
_BLOCK: Final[KeyPath] = ("provider", "httpApi", "authorizers")


@dataclass(frozen=True, slots=True)
class Authorization:
    """Authorization of a route: API Gateway's type, and an authorizer unless that is IAM."""

    type: str
    authorizer: Value = None  # its id
    scopes: Value = None

    def properties(self) -> dict[str, Value]:
        """Return the authorization properties of the route."""
        return {
            "AuthorizationType": self.type,
            "AuthorizerId": self.authorizer,
            "AuthorizationScopes": self.scopes,
        }


def authorization(service: Service, event: Event, value: Value) -> Authorization | None:
    """Read the event's `authorizer`. Raises ConfigError."""
    if not value:
        return None
    if isinstance(value, Mapping) and not intrinsic(value):
        options = checked_options(service, _EVENT_KEYS, *event.path, "authorizer")
    else:
        options = {"name": value}
    event.one_of(service, options, "type", _EVENT_TYPES)
    type_, name = options.get("type"), options.get("name")
    scopes = as_list(options.get("scopes")) or None
    if type_ == "aws_iam":
        if name or options.get("id") or scopes:
            todo = "remove name, id and scopes"
            raise event.error(service, "aws_iam takes nothing else", "authorizer", todo=todo)
        return Authorization("AWS_IAM")
    if options.get("id"):
        if not service.lookup("provider", "httpApi", "id"):
            todo = "name one of provider.httpApi.authorizers, or add provider.httpApi.id"
            raise event.error(service, "an id of another API's authorizer", "authorizer", todo=todo)
        return Authorization("CUSTOM" if type_ == "request" else "JWT", options["id"], scopes)
    known = service.mapping(*_BLOCK)
    if not isinstance(name, str) or name not in known:
        todo = suggestion(str(name), known) or "add it under provider.httpApi.authorizers"
        raise event.error(service, f"there is no authorizer {name}", "authorizer", todo=todo)
    kind = "CUSTOM" if service.lookup(*_BLOCK, name, "type") == "request" else "JWT"
    return Authorization(kind, {"Ref": _logical_id(service, name)}, scopes)


def _logical_id(service: Service, key: str) -> str:
    return f"HttpApiAuthorizer{normalised(service.text(*_BLOCK, key, 'name') or key)}"


def add_authorizers(build: Compilation, event: Event, api_id: Value, execute: Value) -> None:
    """Add all authorizers of the service, used or not. Raises ConfigError."""
    service = build.service
    for key in service.mapping(*_BLOCK):
        path: KeyPath = (*_BLOCK, key)
        type_ = service.lookup(*path, "type") or "jwt"
        if type_ not in _TYPES:
            raise service.error(f"{type_} is not known", *path, "type", todo=f"write {' or '.join(_TYPES)}")
        options = checked_options(service, _REQUEST if type_ == "request" else _JWT, *path)
        name = str(options.get("name") or key)
        properties: dict[str, Value] = {
            "ApiId": api_id,
            "Name": name,
            "IdentitySource": as_list(options.get("identitySource")),
        }
        after: tuple[str, ...] = ()
        if type_ == "request":
            target, after = _function(build, event, options, path)
            properties |= _request(options, target)
            if not options.get("managedExternally"):
                _permit(build, name, target, execute, path, after)
        else:
            properties |= _jwt(service, options, path)
        build.add(_logical_id(service, key), "AWS::ApiGatewayV2::Authorizer", properties, path, depends_on=after)


def _jwt(service: Service, options: Mapping[str, Value], path: KeyPath) -> dict[str, Value]:
    for name in ("issuerUrl", "audience", "identitySource"):
        if not options.get(name):
            raise service.error(f"no {name}", *path, todo=f"add {name}:")
    audience = list(dict.fromkeys(map(str, options["audience"]))) if isinstance(options["audience"], list) else None
    if audience is None or any(not isinstance(item, str) for item in as_list(options["audience"])):
        audience = as_list(options["audience"])
    return {"AuthorizerType": "JWT", "JwtConfiguration": {"Audience": audience, "Issuer": options["issuerUrl"]}}


def _request(options: Mapping[str, Value], target: Value) -> dict[str, Value]:
    return {
        "AuthorizerType": "REQUEST",
        "EnableSimpleResponses": options.get("enableSimpleResponses"),
        "AuthorizerResultTtlInSeconds": options.get("resultTtlInSeconds"),
        "AuthorizerPayloadFormatVersion": str(options.get("payloadVersion") or "2.0"),
        "AuthorizerUri": invocation(target),
    }


def _function(
    build: Compilation, event: Event, options: Mapping[str, Value], path: KeyPath
) -> tuple[Value, tuple[str, ...]]:
    """Return the authorizer function's ARN and the logical ids it depends on. Raises ConfigError."""
    service, name, arn = build.service, options.get("functionName"), options.get("functionArn")
    if bool(name) == bool(arn):
        what = "neither functionName nor functionArn" if not name else "both functionName and functionArn"
        raise service.error(what, *path, todo="write one of functionName: and functionArn:")
    if options.get("resultTtlInSeconds") and not options.get("identitySource"):
        todo = "add identitySource: with what a decision depends on"
        raise service.error("decisions are remembered, but not for whom", *path, todo=todo)
    if arn:
        return arn, ()
    function = event.functions.get(str(name))
    if function is None:
        todo = suggestion(str(name), event.functions)
        raise service.error(f"there is no function {name}", *path, "functionName", todo=todo)
    return function.target, function.target_after


def _permit(
    build: Compilation, name: str, target: Value, execute: Value, path: KeyPath, after: tuple[str, ...]
) -> None:
    properties = {
        "FunctionName": target,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": execute,
    }
    logical_id = f"{normalised(name)}LambdaAuthorizerPermission{HTTP_API}"
    build.add(logical_id, "AWS::Lambda::Permission", properties, path, depends_on=after)
