"""Endpoints of HTTP and WebSocket APIs."""

from __future__ import annotations

from stateroom.engine.outputs import CallAddress
from stateroom.engine.records.endpoints.apis import ApiRecords, text

_MAPPING = ("AWS::ApiGatewayV2::ApiMapping", ("ApiId", "ApiMappingKey"))
_API = "AWS::ApiGatewayV2::Api"


def http_endpoints(records: ApiRecords) -> list[CallAddress]:
    """Return an endpoint for each route of HTTP APIs, with each stage and base of its API."""
    found: list[CallAddress] = []
    for route in records.of("AWS::ApiGatewayV2::Route"):
        api, key = text(route, "ApiId"), text(route, "RouteKey")
        owner = records.one(_API, api)
        if not api or not key or (owner is not None and text(owner, "ProtocolType") == "WEBSOCKET"):
            continue
        verb, _, path = ("ANY", "", "") if key == "$default" else key.partition(" ")
        path = path if path != "/" else ""
        found += [
            CallAddress("httpApi", verb, f"https://{base}{path}", route.logical_id) for base in _bases(records, api)
        ]
    return found


def websocket_endpoints(records: ApiRecords) -> list[CallAddress]:
    """Return an endpoint for each stage and base of a WebSocket API of the state."""
    return [
        CallAddress("websocket", "", f"wss://{base}", api.logical_id)
        for api in records.of(_API)
        if text(api, "ProtocolType") == "WEBSOCKET"
        for base in _bases(records, api.physical_id)
    ]


def _bases(records: ApiRecords, api: str) -> list[str]:
    host = records.own_host(api, records.one(_API, api))
    bases = []
    for stage in records.of("AWS::ApiGatewayV2::Stage"):
        if text(stage, "ApiId") == api and (name := text(stage, "StageName")):
            bases += [host if name == "$default" else f"{host}/{name}"] if host else []
            bases += records.custom_bases(*_MAPPING, api, name)
    return bases
