"""Compile `alb` events to a target group, a listener rule and permissions for an existing load balancer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.event import Event, add_permission, checked_options
from stateroom.config.naming import normalised, permission_id
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """authorizer conditions:map healthCheck listenerArn:scalar multiValueHeaders:flag priority:number
    targetGroupName:text"""
)
_CONDITIONS: Final = key_types("header host:texts ip:texts method:texts path:texts query:map")
_HEADER: Final = key_types("name:text values:list")
_HEALTH: Final = key_types(
    """healthyThresholdCount:number intervalSeconds:number matcher:map path:text timeoutSeconds:number
    unhealthyThresholdCount:number"""
)
_PROVIDER: Final = key_types("targetGroupPrefix:text authorizers:map")
_SESSION: Final = key_types(
    "type:text onUnauthenticatedRequest:text requestExtraParams:map scope:text sessionCookieName:text sessionTimeout"
)
_COGNITO: Final = {**_SESSION, **key_types("userPoolArn:scalar userPoolClientId:scalar userPoolDomain:scalar")}
_OIDC: Final = {
    **_SESSION,
    **key_types(
        """authorizationEndpoint:scalar clientId:scalar clientSecret:scalar issuer:scalar tokenEndpoint:scalar
        userInfoEndpoint:scalar"""
    ),
}
_LISTENER: Final = re.compile(r"arn:aws[\w-]*:elasticloadbalancing:.+:listener/app/[\w-]+/([\w-]+)/[\w-]+")
_NAME_LENGTH: Final = 32
_TYPE: Final = "AWS::ElasticLoadBalancingV2"


@dataclass(frozen=True, slots=True)
class _Route:
    """Event with its checked keys and the listener's name in logical ids."""

    event: Event
    options: Mapping[str, Value]
    listener: str

    @property
    def multi(self) -> bool:
        return bool(self.options.get("multiValueHeaders"))

    @property
    def group_id(self) -> str:
        return f"{normalised(self.event.key)}Alb{'MultiValue' if self.multi else ''}TargetGroup{self.listener}"


def alb(build: Compilation, events: Sequence[Event]) -> None:
    """Add a target group and a listener rule for each event, and two permissions a function."""
    build.service.check(_PROVIDER, (), "provider", "alb")
    routes = [_route(build, event) for event in events]
    _check_priorities(build, routes)
    for route in routes:
        _target_group(build, route)
        _rule(build, route)
    for route in reversed(routes):  # a function's last group is the one that its permission names
        _permissions(build, route)


def _route(build: Compilation, event: Event) -> _Route:
    service = build.service
    options = event.options(service, "", _KEYS)
    event.required(service, options, "listenerArn", "priority", "conditions")
    arn = options["listenerArn"]
    if intrinsic(arn) == "Ref":
        return _Route(event, options, str(arn["Ref"]))
    match = _LISTENER.fullmatch(arn_text(arn) or "")
    if match is None:
        todo = "write its ARN, or a Ref to a listener of resources:"
        raise event.error(service, "not a listener of a load balancer", "listenerArn", todo=todo)
    return _Route(event, options, match[1])


def _check_priorities(build: Compilation, routes: list[_Route]) -> None:
    """Check that rules of one listener, or of one function, differ in priority. Raises ConfigError."""
    for index, route in enumerate(routes):
        for other in routes[:index]:
            same_function = route.event.key == other.event.key
            same_listener = route.options["listenerArn"] == other.options["listenerArn"]
            if route.options["priority"] == other.options["priority"] and (same_function or same_listener):
                what = f"{route.options['priority']} is taken"
                raise route.event.error(build.service, what, "priority", todo="choose another number")


def _target_group(build: Compilation, route: _Route) -> None:
    service, event = build.service, route.event
    label = f"{service.app}-{event.key}-{route.listener}"
    properties = {
        "TargetType": "lambda",
        "Targets": [{"Id": event.target}],
        "Name": _group_name(build, route, label),
        "Tags": [{"Key": "Name", "Value": f"{label}-{service.stage}"}],
        "TargetGroupAttributes": [{"Key": "lambda.multi_value_headers.enabled", "Value": route.multi}],
        **_health(build, event, route.options.get("healthCheck")),
    }
    depends_on = (permission_id(event.key, "RegisterTarget"), *event.after)
    if route.group_id not in build.resources:
        build.add(route.group_id, f"{_TYPE}::TargetGroup", properties, event.path, depends_on=depends_on)


def _group_name(build: Compilation, route: _Route, label: str) -> Value:
    service, given = build.service, route.options.get("targetGroupName")
    prefix = service.text("provider", "alb", "targetGroupPrefix") or ""
    if given and prefix:
        todo = "keep it, or provider.alb.targetGroupPrefix"
        raise route.event.error(service, "a name and a prefix exclude each other", "targetGroupName", todo=todo)
    multi = "multi-value-" if route.multi else ""
    digest = hashlib.md5(f"{label}-{multi}{service.stage}".encode(), usedforsecurity=False).hexdigest()
    return given or f"{prefix}{digest}"[:_NAME_LENGTH]


def _health(build: Compilation, event: Event, check: Value) -> dict[str, Value]:
    if not check:
        return {"HealthCheckEnabled": False}
    options = checked_options(build.service, _HEALTH, *event.path, "healthCheck") if isinstance(check, dict) else {}
    matcher = options.get("matcher") or {}
    return {
        "HealthCheckEnabled": True,
        "HealthCheckPath": options.get("path") or "/",
        "HealthCheckIntervalSeconds": options.get("intervalSeconds", 35),
        "HealthCheckTimeoutSeconds": options.get("timeoutSeconds", 30),
        "HealthyThresholdCount": options.get("healthyThresholdCount", 5),
        "UnhealthyThresholdCount": options.get("unhealthyThresholdCount", 5),
        "Matcher": {"HttpCode": matcher.get("httpCode") or "200"},
    }


def _rule(build: Compilation, route: _Route) -> None:
    event = route.event
    actions = [_authentication(build, event, str(name)) for name in as_list(route.options.get("authorizer"))]
    actions.append({"Type": "forward", "TargetGroupArn": {"Ref": route.group_id}})
    if len(actions) > 1:
        actions = [{**action, "Order": order} for order, action in enumerate(actions, 1)]
    properties = {
        "Actions": actions,
        "Conditions": _conditions(build, event),
        "ListenerArn": route.options["listenerArn"],
        "Priority": route.options["priority"],
    }
    logical_id = f"{normalised(event.key)}AlbListenerRule{route.options['priority']}"
    build.add(logical_id, f"{_TYPE}::ListenerRule", properties, event.path)


def _authentication(build: Compilation, event: Event, name: str) -> dict[str, Value]:
    service = build.service
    known = service.mapping("provider", "alb", "authorizers")
    if name not in known:
        todo = suggestion(name, known) or "add it under provider.alb.authorizers"
        raise event.error(service, f"there is no authorizer {name}", "authorizer", todo=todo)
    path = ("provider", "alb", "authorizers", name)
    cognito = service.lookup(*path, "type") == "cognito"
    options = checked_options(service, _COGNITO if cognito else _OIDC, *path)
    config = {
        "OnUnauthenticatedRequest": options.pop("onUnauthenticatedRequest", None) or "deny",
        "AuthenticationRequestExtraParams": options.pop("requestExtraParams", None),
    }
    options.pop("type", None)
    config |= {f"{key[:1].upper()}{key[1:]}": value for key, value in options.items()}
    if not cognito and not options.get("clientSecret"):
        config["UseExistingClientSecret"] = True
    present = {key: value for key, value in config.items() if value is not None}
    kind = "Cognito" if cognito else "Oidc"
    return {"Type": f"authenticate-{kind.lower()}", f"Authenticate{kind}Config": present}


def _conditions(build: Compilation, event: Event) -> list[Value]:
    service = build.service
    given = checked_options(service, _CONDITIONS, *event.path, "conditions")
    if not given:
        raise event.error(service, "no condition", "conditions", todo="add path:, host: or another one")
    conditions: list[Value] = []
    if given.get("path"):
        conditions.append({"Field": "path-pattern", "Values": as_list(given["path"])})
    if given.get("host"):
        conditions.append({"Field": "host-header", "HostHeaderConfig": {"Values": as_list(given["host"])}})
    if given.get("method"):
        config = {"Values": as_list(given["method"])}
        conditions.append({"Field": "http-request-method", "HttpRequestMethodConfig": config})
    for header in as_list(given.get("header")):
        if not isinstance(header, dict) or set(header) != set(_HEADER):
            raise event.error(service, "not a header", "conditions", "header", todo="write name: and values:")
        config = {"HttpHeaderName": header["name"], "Values": header["values"]}
        conditions.append({"Field": "http-header", "HttpHeaderConfig": config})
    if given.get("query"):
        pairs = [{"Key": key, "Value": value} for key, value in given["query"].items()]
        conditions.append({"Field": "query-string", "QueryStringConfig": {"Values": pairs}})
    if given.get("ip"):
        conditions.append({"Field": "source-ip", "SourceIpConfig": {"Values": as_list(given["ip"])}})
    return conditions


def _permissions(build: Compilation, route: _Route) -> None:
    """Add two permissions: one to register the target, which the group waits for, and one for the group."""
    event, principal = route.event, "elasticloadbalancing.amazonaws.com"
    for suffix, source in (("Alb", {"SourceArn": {"Ref": route.group_id}}), ("RegisterTarget", {})):
        logical_id = permission_id(event.key, suffix)
        if logical_id not in build.resources:
            add_permission(build, event, logical_id, principal, **source)
