"""Endpoints of REST APIs: `http` events of functions and of state machines, and methods from `resources:`."""

from __future__ import annotations

from stateroom.engine.outputs import CallAddress
from stateroom.engine.records.endpoints.apis import ApiRecords, setting, text
from stateroom.model.resource import Record

_MAPPING = ("AWS::ApiGateway::BasePathMapping", ("RestApiId", "BasePath"))


def rest_endpoints(records: ApiRecords) -> list[CallAddress]:
    """Return an endpoint for each method, stage and base of its API."""
    found: list[CallAddress] = []
    for method in records.of("AWS::ApiGateway::Method"):
        api, verb = text(method, "RestApiId"), text(method, "HttpMethod").upper()
        path = _path(records, api, text(method, "ResourceId"))
        if not api or not verb or path is None or _answers_itself(method):
            continue
        found += [
            CallAddress("http", verb, f"https://{base}{path}", method.logical_id) for base in _bases(records, api)
        ]
    return found


def _answers_itself(method: Record) -> bool:
    integration = setting(method, "Integration")
    return isinstance(integration, dict) and integration.get("Type") == "MOCK"


def _bases(records: ApiRecords, api: str) -> list[str]:
    host = records.own_host(api, records.one("AWS::ApiGateway::RestApi", api))
    bases = []
    for stage in _stages(records, api):
        bases += [f"{host}/{stage}"] if host else []
        bases += records.custom_bases(*_MAPPING, api, stage)
    return bases


def _stages(records: ApiRecords, api: str) -> list[str]:
    names = [
        text(record, "StageName")
        for record in records.of("AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage")
        if text(record, "RestApiId") == api
    ]
    return [name for name in dict.fromkeys(names) if name]


def _path(records: ApiRecords, api: str, resource: str) -> str | None:
    """Return the path of an API's resource, "" for the root; None where it lies below what another service made."""
    owner = records.one("AWS::ApiGateway::RestApi", api)
    root = text(owner, "RootResourceId") if owner is not None else ""
    parts: list[str] = []
    while resource != root:
        record = records.one("AWS::ApiGateway::Resource", resource)
        if record is None or len(parts) > len(records.records):
            return None
        parts.append(text(record, "PathPart"))
        resource = text(record, "ParentId")
    return "".join(f"/{part}" for part in reversed(parts))
