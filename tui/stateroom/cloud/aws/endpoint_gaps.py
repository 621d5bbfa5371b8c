"""Calls that an endpoint which is not AWS's does not offer, told by its answers."""

from __future__ import annotations

import re
from typing import Final

from stateroom.cloud.aws.throttling import is_aws
from stateroom.model.problems.error_response import ErrorResponse

ADVICE: Final = "leave the resource out of the config there, or use an endpoint that has it; the rest does not need it"
_CODES: Final = frozenset(
    {"InvalidAction", "NotImplemented", "NotImplementedException", "UnknownAction", "UnknownOperationException"}
)
_MESSAGE: Final = re.compile(
    r"unknown (\w+ ){0,2}(action|operation|path)|no route for|not (yet )?(been )?implemented"
    "|not valid for this endpoint"
    "|Value '' at 'eventSourceArn'",  # it knows no mapping without one, such as that of a Kafka cluster of one's own
    re.IGNORECASE,
)


def gap(response: ErrorResponse, endpoint: str | None) -> str:
    """Say that the endpoint does not offer a call; "" where it does, and where it is AWS's own.

    A code of digits is an HTTP status: the answer was no error of AWS's. HEAD requests have no others.
    """
    if not endpoint or is_aws(endpoint):
        return ""
    said = f"{response.code}: {' '.join(response.message.split())[:200]}".rstrip(": ")
    if response.code in _CODES or _MESSAGE.search(response.message):
        return f"{endpoint} does not offer {response.operation} ({said})"
    if response.code.isdigit() and not response.operation.startswith("Head"):
        return f"{endpoint} has no answer of AWS's to {response.operation}: it does not offer it, or fails ({said})"
    return ""
