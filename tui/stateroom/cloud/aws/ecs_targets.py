"""Spelling of ECS parameters in targets: CloudFormation's, and that of EventBridge and its scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.model.values import Value

# CloudFormation's key, anywhere below EcsParameters → the API's (API references, "EcsParameters").
_BOTH: Final = {
    "Base": "base",
    "CapacityProvider": "capacityProvider",
    "Expression": "expression",
    "Field": "field",
    "Type": "type",
    "Weight": "weight",
}
RULES: Final[Mapping[str, str]] = {
    **_BOTH,
    "AwsVpcConfiguration": "awsvpcConfiguration",
    "PlacementStrategies": "PlacementStrategy",
    "TagList": "Tags",
}
SCHEDULES: Final[Mapping[str, str]] = {**_BOTH, "AwsvpcConfiguration": "awsvpcConfiguration"}


def to_api(target: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a target with its ECS parameters as the API spells them."""
    return _respelt(target, names)


def from_api(target: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a target with its ECS parameters as CloudFormation spells them."""
    return _respelt(target, {value: key for key, value in names.items()})


def _respelt(target: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    if "EcsParameters" not in target:
        return dict(target)
    return {**target, "EcsParameters": _renamed(target["EcsParameters"], names)}


def _renamed(value: Value, names: Mapping[str, str]) -> Value:
    if isinstance(value, Mapping):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    return [_renamed(item, names) for item in value] if isinstance(value, list) else value
