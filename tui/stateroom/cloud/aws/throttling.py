"""Budgets and refusals on a client's calls: hooks into botocore's events.

A call waits for its turn before it is sent. One that AWS refuses as one too many slows its budget down, is told, and is
sent again when AWS's Retry-After says so (API Gateway developer guide, "throttling"); botocore knows only
`x-amz-retry-after`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from stateroom.cloud.budgets.budgets import Budgets, shared_budgets
from stateroom.cloud.budgets.table import RATES
from stateroom.cloud.budgets.telling import Wait, tell

ATTEMPTS: Final = 8  # of a call, the first one included
VARIABLE: Final = "STATEROOM_API_LIMITS"  # `on`: keep AWS's limits towards an emulator as well; `off`: nowhere
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".ic.gov", ".sgov.gov", ".amazonaws.eu")
_TOO_MANY: Final = frozenset(
    {
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_LONGEST: Final = 60.0  # seconds that a Retry-After is believed


def is_aws(endpoint_url: str) -> bool:
    """Tell whether an endpoint is AWS's own."""
    return (urlsplit(endpoint_url).hostname or "").endswith(_AWS)


def budgets_for(client: Any, profile: str) -> Budgets | None:
    """Return the budgets of a client's calls; None for emulators, which have no limits."""
    asked = os.environ.get(VARIABLE, "").lower()
    if asked == "off" or (asked != "on" and not is_aws(str(client.meta.endpoint_url))):
        return None
    return shared_budgets(profile, str(client.meta.region_name))


def hook(client: Any, budgets: Budgets | None) -> None:
    """Make a client's calls keep the budgets, and tell of refusals."""
    calls = _Calls(str(client.meta.service_model.service_name), budgets)
    if budgets is not None:
        client.meta.events.register("before-send", calls.before_send)
    # Of several pauses the first answer counts, and handlers of the service's own event, as botocore's, go first.
    service_id = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"needs-retry.{service_id}", calls.after_attempt)


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of one client."""

    service: str
    budgets: Budgets | None

    def before_send(self, *, event_name: str, **_: Any) -> None:
        """Wait for the call's turn. The event is `before-send.<service>.<operation>`."""
        if self.budgets is not None:
            self.budgets.wait(self.service, event_name.rsplit(".", 1)[-1])

    def after_attempt(self, *, operation: Any, attempts: int, response: Any = None, **_: Any) -> float | None:
        """Tell of a refusal; return the seconds that AWS asks to wait, if the call is sent again."""
        if response is None or not _is_one_too_many(response):
            return None
        if self.budgets is not None:
            self.budgets.refused(self.service, operation.name)
        if attempts >= ATTEMPTS:
            return None
        seconds = _retry_after(response)
        retries = "1 retry" if attempts == 1 else f"{attempts} retries"
        who = _called(self.service)
        tell(Wait(f"throttled by {who}, {retries}", seconds or 0.0, who))
        return seconds


def _is_one_too_many(response: Any) -> bool:
    http, parsed = response
    code = (parsed.get("Error") or {}).get("Code", "") if isinstance(parsed, Mapping) else ""
    return http.status_code >= 400 and (code in _TOO_MANY or http.status_code == 429)


def _retry_after(response: Any) -> float | None:
    """Return the seconds of a Retry-After header, which may also be a date; None without one."""
    text = str(response[0].headers.get("Retry-After") or "")
    try:
        return min(_LONGEST, max(0.0, float(text)))
    except ValueError:
        return None


def _called(service: str) -> str:
    rates = RATES.get(service)
    return rates[0].service if rates else service
