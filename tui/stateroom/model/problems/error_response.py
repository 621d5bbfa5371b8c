"""Error responses of AWS services, read from botocore's ClientError by its attributes.

botocore itself is not imported: the model floor has no dependencies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """AWS error response: code (`NoSuchKey`), message, operation (`GetObject`), HTTP status; "" and 0: unknown."""

    code: str = ""
    message: str = ""
    operation: str = ""
    status: int = 0


@runtime_checkable
class _WithResponse(Protocol):
    response: Mapping[str, Any] | None


@runtime_checkable
class _WithOperation(Protocol):
    operation_name: str


def error_response(error: BaseException) -> ErrorResponse | None:
    """Return the response in an exception; None when no service answered."""
    if not isinstance(error, _WithResponse) or not isinstance(error.response, Mapping):
        return None
    details = error.response.get("Error", {})
    return ErrorResponse(
        code=str(details.get("Code", "")),
        message=str(details.get("Message", "")),
        operation=str(error.operation_name) if isinstance(error, _WithOperation) else "",
        status=int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
    )


def error_code(error: BaseException) -> str:
    """Return the code of a ClientError (`ResourceNotFoundException`); "" for other errors."""
    response = error_response(error)
    return response.code if response else ""
