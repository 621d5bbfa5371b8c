"""Event source mapping helpers that queues, streams and brokers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import get_att_parts, intrinsic
from stateroom.config.events.event import Event, allow
from stateroom.config.functions.execution_role import role_of
from stateroom.config.resources.json_text import json_text
from stateroom.config.service import Service
from stateroom.model.values import Value

_POSITIONS: Final = frozenset({"LATEST", "TRIM_HORIZON", "AT_TIMESTAMP"})
# What Lambda does in a function's name to reach a broker inside a VPC.
_NETWORK: Final = (
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeVpcs",
    "DeleteNetworkInterface",
    "DescribeSubnets",
    "DescribeSecurityGroups",
)


def add_mapping(
    build: Compilation, event: Event, logical_id: str, properties: Mapping[str, Value], *after: str
) -> None:
    """Add a mapping to the event's function; it depends on the function's role."""
    own = {"FunctionName": event.target, **properties}
    depends_on = (*_role(build, event), *event.after, *after)
    build.add(logical_id, "AWS::Lambda::EventSourceMapping", own, event.path, depends_on=depends_on)


def _role(build: Compilation, event: Event) -> tuple[str, ...]:
    role = role_of(build, event.function)
    if intrinsic(role) != "Fn::GetAtt":
        return ()
    logical_id, attribute = get_att_parts(role["Fn::GetAtt"])
    return (logical_id,) if attribute == "Arn" else ()


def filters(patterns: Value) -> Value:
    """Return FilterCriteria for a list of patterns."""
    if not isinstance(patterns, list):
        return None
    return {"Filters": [{"Pattern": json_text(pattern)} for pattern in patterns]}


def response_types(value: Value) -> Value:
    """Return FunctionResponseTypes for `functionResponseType`."""
    return None if value is None else [value]


def starting_position(service: Service, event: Event, options: Mapping[str, Value]) -> Value:
    """Return StartingPosition. Raises ConfigError when a timestamp is missing."""
    event.one_of(service, options, "startingPosition", _POSITIONS)
    position = options.get("startingPosition") or "TRIM_HORIZON"
    if position == "AT_TIMESTAMP" and options.get("startingPositionTimestamp") is None:
        todo = "add startingPositionTimestamp: in seconds since 1970"
        raise event.error(service, "AT_TIMESTAMP without a timestamp", "startingPosition", todo=todo)
    return position


def allow_network(build: Compilation) -> None:
    """Grant the network actions for reaching a broker inside a VPC."""
    allow(build, [f"ec2:{action}" for action in _NETWORK], "*")


def allow_secrets(build: Compilation, arns: Sequence[Value]) -> None:
    """Grant reading the secrets that hold a broker's credentials."""
    allow(build, ["secretsmanager:GetSecretValue"], list(arns))
