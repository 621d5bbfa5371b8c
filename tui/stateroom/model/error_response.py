"""Read what an AWS service answered to a refused call: botocore's ClientError, told by its shape.

botocore is not imported: neither the wings that use this nor their tests need it loaded to know an error's code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An AWS error response: code (`NoSuchKey`), message, operation (`GetObject`), HTTP status; "", 0: not said."""

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
    """The response that the error carries; None when no service answered."""
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
    """AWS's code of a ClientError (`ResourceNotFoundException`); "" for anything else."""
    response = error_response(error)
    return response.code if response else ""
