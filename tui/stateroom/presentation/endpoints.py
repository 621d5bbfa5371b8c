"""Endpoints of a service as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from stateroom.engine.outputs import CallAddress
from stateroom.presentation.text import plain


def endpoint_lines(endpoints: Sequence[CallAddress]) -> Iterator[str]:
    """Return the lines under a service's name, as the Serverless Framework prints them; none without endpoints."""
    if len(endpoints) == 1:
        yield f"endpoint: {plain(endpoints[0].line())}"
    elif endpoints:
        yield "endpoints:"
        yield from (f"  {plain(item.line())}" for item in endpoints)


def endpoints_json(endpoints: Sequence[CallAddress]) -> list[dict[str, Any]]:
    """Return each endpoint's kind, method (null where there is none), url and logical_id."""
    return [{**asdict(item), "method": item.method or None} for item in endpoints]
