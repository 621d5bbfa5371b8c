"""API keys and usage plans of a REST API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, checked_options
from stateroom.config.naming import upper_first
from stateroom.model.values import Value

_KEY: Final = key_types("name:text value:scalar description:text customerId:text enabled:flag")
_PLAN: Final = key_types("quota:map throttle:map")
_QUOTA: Final = key_types("limit:number offset:number period:text")
_THROTTLE: Final = key_types("burstLimit:number rateLimit")
_KEYS_PATH: Final[KeyPath] = ("provider", "apiGateway", "apiKeys")
_PLAN_PATH: Final[KeyPath] = ("provider", "apiGateway", "usagePlan")


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str  # "" for the only one
    path: KeyPath

    @property
    def logical_id(self) -> str:
        return f"ApiGatewayUsagePlan{upper_first(self.name)}"


def add_keys(build: Compilation, event: Event, api_id: Value, deployment_id: str) -> None:
    """Add API keys, usage plans, and the link of each key to its plan. Raises ConfigError."""
    if build.service.lookup(*_KEYS_PATH) is None and build.service.lookup(*_PLAN_PATH) is None:
        return
    plans = {plan.name: plan for plan in _plans(build)}
    for plan in plans.values():
        _add_plan(build, event, plan, api_id, deployment_id)
    for plan_name, number, path in _keys(build, plans):
        key_id = f"ApiGatewayApiKey{upper_first(plan_name)}{number}"
        _add_key(build, key_id, path, api_id, deployment_id)
        plan_id = plans[plan_name].logical_id
        properties = {"KeyId": {"Ref": key_id}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": plan_id}}
        logical_id = f"ApiGatewayUsagePlanKey{upper_first(plan_name)}{number}"
        build.add(logical_id, "AWS::ApiGateway::UsagePlanKey", properties, path)


def _plans(build: Compilation) -> Iterator[_Plan]:
    """Yield one plan for all keys, or one for each `name: {quota, throttle}`."""
    value = build.service.lookup(*_PLAN_PATH)
    if not isinstance(value, list):
        yield _Plan("", _PLAN_PATH)
        return
    for index, item in enumerate(value):
        if not isinstance(item, dict) or len(item) != 1:
            todo = "write each plan as - name: with quota: and throttle: below"
            raise build.service.error("not a named plan", *_PLAN_PATH, index, todo=todo)
        (name,) = item
        yield _Plan(name, (*_PLAN_PATH, index, name))


def _keys(build: Compilation, plans: Mapping[str, _Plan]) -> Iterator[tuple[str, int, KeyPath]]:
    """Yield (plan name, number from 1, path in the config) of each key. Raises ConfigError."""
    service, count = build.service, 0
    value = service.lookup(*_KEYS_PATH) or []
    if not isinstance(value, list):
        raise service.error("not a list", *_KEYS_PATH, todo="write each key as - name")
    for index, item in enumerate(value):
        name = next(iter(item)) if isinstance(item, dict) and len(item) == 1 else ""
        if name and isinstance(item[name], list):
            if name not in plans:
                todo = "add it under provider.apiGateway.usagePlan"
                raise service.error(f"there is no usage plan {name}", *_KEYS_PATH, index, todo=todo)
            for number, _ in enumerate(item[name]):
                yield name, number + 1, (*_KEYS_PATH, index, name, number)
        else:
            if "" not in plans:
                raise service.error("a key without a plan", *_KEYS_PATH, index, todo="list it below a plan's name")
            count += 1
            yield "", count, (*_KEYS_PATH, index)


def _add_key(build: Compilation, logical_id: str, path: KeyPath, api_id: Value, deployment_id: str) -> None:
    service = build.service
    value = service.lookup(*path)
    options = checked_options(service, _KEY, *path) if isinstance(value, dict) else {"name": value}
    properties = {
        "Enabled": options.get("enabled", True),
        "Name": options.get("name"),
        "Value": options.get("value") or None,
        "Description": options.get("description"),
        "CustomerId": options.get("customerId"),
        "StageKeys": [{"RestApiId": api_id, "StageName": service.stage}],
    }
    build.add(logical_id, "AWS::ApiGateway::ApiKey", properties, path, depends_on=(deployment_id,))


def _add_plan(build: Compilation, event: Event, plan: _Plan, api_id: Value, deployment_id: str) -> None:
    service = build.service
    options = checked_options(service, _PLAN, *plan.path) if service.lookup(*plan.path) is not None else {}
    quota, throttle = {}, {}
    if options.get("quota"):
        quota = checked_options(service, _QUOTA, *plan.path, "quota")
    if options.get("throttle"):
        throttle = checked_options(service, _THROTTLE, *plan.path, "throttle")
    named = f' "{plan.name}"' if plan.name else ""
    properties = {
        "ApiStages": [{"ApiId": api_id, "Stage": service.stage}],
        "Description": f"Usage plan{named} for {service.app} {service.stage} stage",
        "UsagePlanName": "-".join(filter(None, (service.app, plan.name, service.stage))),
        "Quota": {upper_first(key): value for key, value in quota.items()} or None,
        "Throttle": {upper_first(key): value for key, value in throttle.items()} or None,
    }
    path = plan.path if options else event.path
    build.add(plan.logical_id, "AWS::ApiGateway::UsagePlan", properties, path, depends_on=(deployment_id,))
