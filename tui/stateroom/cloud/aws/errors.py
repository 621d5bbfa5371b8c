"""Convert botocore errors to CloudErrors with plain messages and no secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from stateroom.cloud.aws.attempt import is_refusal
from stateroom.cloud.aws.calls import error_message, is_missing
from stateroom.cloud.aws.endpoint_gaps import ADVICE, gap
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.problems.aws_errors import ErrorKind, advice, error_kind
from stateroom.model.problems.error_response import error_response
from stateroom.model.problems.outside_errors import outside_reason, with_profile
from stateroom.model.values import Secret, Value, reveal


def is_denied(code: str) -> bool:
    """Tell whether an error code means that the caller may not do what it asked for."""
    return error_kind(code) is ErrorKind.DENIED


_LOST: Final = frozenset({"ConnectionClosedError", "ReadTimeoutError", "ResponseStreamingError"})
_BROKEN: Final = frozenset({"HTTPClientError"})


def answer_was_lost(error: BaseException) -> bool:
    """Tell whether a failed call may have been carried out."""
    return _is_kind(error, _LOST)


def connection_broke(error: BaseException) -> bool:
    """Tell whether the connection broke before the answer was complete."""
    return _is_kind(error, _BROKEN)


def _is_kind(error: BaseException, names: frozenset[str]) -> bool:
    return any(cls.__name__ in names for cls in type(error).__mro__)


def translate(error: Exception, what: str, inputs: Value = None, endpoint: str | None = None) -> CloudError:
    """Convert an error to a CloudError.

    Args:
        error: botocore's, or any other that came out of a call.
        what: what was being done, to which type and id.
        inputs: properties that went into the call; Secrets in them are struck from the message.
        endpoint: where the call went, if not to AWS: it may not have what was asked for.
    """
    if isinstance(error, CloudError):
        return error
    message, response = _without_secrets(error_message(error), inputs), error_response(error)
    if response and response.code:
        code, operation = response.code, response.operation
        lacking = gap(replace(response, message=message), endpoint)
        missing = is_missing(error) and not lacking
        made, kind = NotFoundInCloudError if missing else CloudError, error_kind(code, response.status)
        return made(
            what,
            why=lacking or (f"{code}: {message}" if message else code),
            todo=ADVICE if lacking else advice(kind, operation),
            code=code,
            operation=operation,
            refused=is_refusal(error),
            passes=kind.passes,
        )
    if reason := outside_reason(error):
        why, passes = f"{reason[0]}: {_one_line(message)}", _is_kind(error, _BROKEN)
        return CloudError(what, why=why, todo=reason[1], code=type(error).__name__, passes=passes)
    if isinstance(error, KeyError):
        return CloudError(
            what,
            why=f"the cloud's answer, or the resource's properties, have no {_one_line(message)}",
            todo="check the properties, and what answers at the endpoint; if both are right, report this as a bug",
            code=type(error).__name__,
        )
    return CloudError(
        what,
        why=f"{type(error).__name__}: {_one_line(message)}",
        todo="check the resource's properties; if they are right, report this as a bug of stateroom",
        code=type(error).__name__,
    )


@contextmanager
def explained(what: str, inputs: Value = None, profile: str = "", endpoint: str | None = None) -> Iterator[None]:
    """Convert any exception in the block to a CloudError that starts with `what`; advice to sign in names `profile`."""
    try:
        yield
    except CloudError:
        raise
    except Exception as error:
        # The original is left out of the chain: its text may hold the very values that were struck.
        raise signed_in_with(translate(error, what, inputs, endpoint), profile) from None


def signed_in_with(error: CloudError, profile: str) -> CloudError:
    """Name the profile in an error's advice to sign in."""
    error.todo = with_profile(error.todo, profile)
    return error


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _without_secrets(message: str, inputs: Value) -> str:
    for text in sorted(_secrets(inputs), key=len, reverse=True):
        message = message.replace(text, "***")
    return _one_line(message)


def _secrets(value: Value) -> set[str]:
    if isinstance(value, Secret):
        return _texts(reveal(value))
    if isinstance(value, Mapping):
        return set().union(*(map(_secrets, value.values())))
    return set().union(*map(_secrets, value)) if isinstance(value, list | tuple) else set()


def _texts(value: Value) -> set[str]:
    if isinstance(value, Mapping):
        return set().union(*map(_texts, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(_texts, value))
    return {str(value)} if len(str(value)) > 2 else set()  # striking "1" would garble the message and hide nothing
