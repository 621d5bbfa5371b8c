"""Addresses at which a service's functions and state machines are called, from its state. Asks nobody."""

from __future__ import annotations

from collections.abc import Sequence

from stateroom.engine.outputs import CallAddress
from stateroom.engine.records.endpoints.apis import ApiRecords
from stateroom.engine.records.endpoints.http_apis import http_endpoints, websocket_endpoints
from stateroom.engine.records.endpoints.rest_apis import rest_endpoints
from stateroom.model.resource import Snapshot


def endpoints_of(snapshot: Snapshot) -> tuple[CallAddress, ...]:
    """Return the endpoints of a state: REST APIs, HTTP APIs, WebSocket APIs, function URLs, each by address.

    An endpoint is there when the state holds all that leads to it: its route, the stage that serves it, and the API
    (its own, or another's whose id the route names). Methods that answer by themselves (CORS) are none.
    """
    records = ApiRecords(snapshot)
    return (
        *_by_address(rest_endpoints(records)),
        *_by_address(http_endpoints(records)),
        *_by_address(websocket_endpoints(records)),
        *_by_address(_function_urls(records)),
    )


def _by_address(found: Sequence[CallAddress]) -> list[CallAddress]:
    return sorted(set(found), key=lambda item: (item.url, item.method))


def _function_urls(records: ApiRecords) -> list[CallAddress]:
    urls = [(record, record.observed.get("FunctionUrl")) for record in records.of("AWS::Lambda::Url")]
    return [CallAddress("url", "ANY", url, record.logical_id) for record, url in urls if isinstance(url, str) and url]
