"""Authorizers of REST API methods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.event import Event, checked_options
from stateroom.config.events.http.gateway import invocation
from stateroom.config.naming import normalised
from stateroom.config.service import Service
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """arn:scalar authorizerId:scalar claims identitySource:text identityValidationExpression:text
    managedExternally:flag name:text resultTtlInSeconds:number scopes type:text"""
)
_TYPES: Final = frozenset({"TOKEN", "COGNITO_USER_POOLS", "REQUEST", "AWS_IAM", "CUSTOM"})
_COGNITO: Final = "COGNITO_USER_POOLS"
_POOL: Final = re.compile(r"arn:[a-zA-Z-]*:cognito-idp")
_IDENTITY: Final = "method.request.header.Authorization"
_TTL: Final = 300  # seconds that a decision is remembered


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Authorizer of a method. One of `existing_id` and `arn` is set; neither for IAM."""

    type: str  # upper case; "" when it is not written
    name: str = ""
    arn: Value = None
    existing_id: Value = None
    ttl: Value = None
    identity: Value = None
    expression: Value = None
    claims: tuple[Value, ...] = ()
    scopes: Value = None
    external: bool = False  # API Gateway's permission to invoke it is managed elsewhere
    after: tuple[str, ...] = ()

    @property
    def logical_id(self) -> str:
        """Logical id of the authorizer."""
        return f"{normalised(self.name)}ApiGatewayAuthorizer"

    @property
    def cognito(self) -> bool:
        """Whether the authorizer is a Cognito user pool rather than a function."""
        return self.type == _COGNITO or bool(_POOL.match(arn_text(self.arn) or ""))


def authorizer_of(service: Service, event: Event, integration: str) -> Authorizer | None:
    """Read the event's `authorizer`. Raises ConfigError."""
    value = service.lookup(*event.path, "authorizer") if isinstance(event.value, Mapping) else None
    if not value:
        return None
    if isinstance(value, str):
        if value.upper() == "AWS_IAM":
            return Authorizer("AWS_IAM")
        return _by_arn(service, event, {"arn": value}) if ":" in value else _by_name(service, event, {"name": value})
    if arn_text(value) is not None:  # an ARN in which only the account is not known
        return _by_arn(service, event, {"arn": value})
    options = {"arn": value} if intrinsic(value) else checked_options(service, _KEYS, *event.path, "authorizer")
    type_ = str(options.get("type") or "").upper()
    event.one_of(service, {"authorizer": type_}, "authorizer", _TYPES | {""})
    options = {**options, "type": type_, "resultTtlInSeconds": options.get("resultTtlInSeconds", _TTL)}
    if type_ and options.get("authorizerId"):
        return Authorizer(type_, existing_id=options["authorizerId"], **_common(options))
    if type_ == "AWS_IAM":
        return Authorizer("AWS_IAM")
    if options.get("arn"):
        authorizer = _by_arn(service, event, options)
        if authorizer.cognito and authorizer.claims and integration == "AWS_PROXY":
            todo = "remove claims, or use integration: lambda"
            raise event.error(service, "a proxy gets all claims", "authorizer", "claims", todo=todo)
        return authorizer
    if options.get("name"):
        return _by_name(service, event, options)
    todo = "name one of the service's functions, or write arn:"
    raise event.error(service, "neither a name nor an ARN", "authorizer", todo=todo)


def _by_name(service: Service, event: Event, options: Mapping[str, Value]) -> Authorizer:
    name = str(options["name"])
    function = event.functions.get(name)
    if function is None:
        todo = suggestion(name, event.functions) or "write the key of one of the service's functions"
        raise event.error(service, f"there is no function {name}", "authorizer", todo=todo)
    type_ = str(options.get("type") or "")
    return Authorizer(type_, name, function.target, after=function.target_after, **_common(options))


def _by_arn(service: Service, event: Event, options: Mapping[str, Value]) -> Authorizer:
    arn, name = options["arn"], options.get("name")
    if not name:
        name = (arn_text(arn) or "").rpartition(":")[2].rpartition("-")[2]
    if not name:
        raise _unnamed(service, event)
    return Authorizer(str(options.get("type") or ""), str(name), arn, **_common(options))


def _unnamed(service: Service, event: Event) -> ConfigError:
    todo = "add name: to the authorizer"
    return event.error(service, "an ARN that is not written out needs a name", "authorizer", todo=todo)


def _common(options: Mapping[str, Value]) -> dict[str, Any]:
    ttl = options.get("resultTtlInSeconds")
    uncached = options.get("type") == "REQUEST" and ttl == 0
    return {
        "ttl": ttl,
        "identity": options.get("identitySource") or (None if uncached else _IDENTITY),
        "expression": options.get("identityValidationExpression"),
        "claims": tuple(as_list(options.get("claims"))),
        "scopes": as_list(options.get("scopes")) or None,
        "external": bool(options.get("managedExternally")),
    }


def add_authorizer(build: Compilation, event: Event, authorizer: Authorizer, api_id: Value) -> None:
    """Add the authorizer once; when events describe it differently, the last one counts."""
    if authorizer.arn is None:
        return
    properties = {
        "AuthorizerResultTtlInSeconds": authorizer.ttl,
        "IdentitySource": authorizer.identity,
        "IdentityValidationExpression": authorizer.expression,
        "Name": authorizer.name,
        "RestApiId": api_id,
    }
    if authorizer.cognito:
        properties |= {"Type": _COGNITO, "ProviderARNs": [authorizer.arn]}
    else:
        properties |= {"Type": authorizer.type or "TOKEN", "AuthorizerUri": invocation(authorizer.arn)}
    before = build.resources.pop(authorizer.logical_id, None)
    type_ = "AWS::ApiGateway::Authorizer"
    build.add(authorizer.logical_id, type_, properties, event.path, depends_on=authorizer.after)
    if before and before.properties != build.resources[authorizer.logical_id].properties:
        build.warn(f"events describe the authorizer {authorizer.name} differently: the last one counts")


def authorization(authorizer: Authorizer | None) -> dict[str, Value]:
    """Return the authorization properties of a method."""
    if authorizer is None or authorizer.type == "AWS_IAM":
        return {"AuthorizationType": "AWS_IAM" if authorizer else "NONE"}
    type_ = _COGNITO if authorizer.cognito else "CUSTOM"
    if authorizer.existing_id is not None and authorizer.type not in ("TOKEN", "REQUEST"):
        type_ = authorizer.type
    return {
        "AuthorizationType": type_,
        "AuthorizerId": authorizer.existing_id or {"Ref": authorizer.logical_id},
        "AuthorizationScopes": authorizer.scopes if type_ == _COGNITO else None,
    }
