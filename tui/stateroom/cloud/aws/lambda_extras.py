"""Settings of a function that have operations of their own: how it ends loops, which runtime it gets, who signs it.

Each costs a further call, so each is read only where the config sets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.lambda_model import CHANGING
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Task
from stateroom.model.values import Properties, Value


@dataclass(frozen=True, slots=True)
class _Extra:
    """Operations of one property.

    Args:
        write, read: operations of boto3's client.
        unset: what takes the property away: an operation, or what a function has that never had it.
        inner: members of the property that are arguments; none: the property is one.
    """

    write: str
    read: str
    unset: str | Mapping[str, Value]
    inner: tuple[str, ...] = ()


_EXTRAS: Final[Mapping[str, _Extra]] = {
    "CodeSigningConfigArn": _Extra(
        "put_function_code_signing_config",
        "get_function_code_signing_config",
        "delete_function_code_signing_config",
    ),
    "RecursiveLoop": _Extra(
        "put_function_recursion_config", "get_function_recursion_config", {"RecursiveLoop": "Terminate"}
    ),
    "RuntimeManagementConfig": _Extra(
        "put_runtime_management_config",
        "get_runtime_management_config",
        {"UpdateRuntimeOn": "Auto"},
        ("UpdateRuntimeOn", "RuntimeVersionArn"),
    ),
}
EXTRAS: Final = frozenset(_EXTRAS)


def write_extras(api: Any, name: str, inputs: Properties, changed: frozenset[str]) -> Task[None]:
    """Write those of a function that have changed."""
    for property_, extra in sorted(_EXTRAS.items()):
        if property_ in changed:
            operation, arguments = _change(property_, extra, inputs.get(property_))
            call = getattr(api, operation)
            once = lambda call=call, sent=arguments: none_if_missing(lambda: call(FunctionName=name, **sent))  # noqa: E731
            yield from retry_while(once, CHANGING, f"waiting for {name} to finish an earlier change")


def read_extras(api: Any, name: str, inputs: Properties) -> dict[str, Any]:
    """Return those of a function that the config sets, as they are."""
    return dict(_read(api, name, inputs))


def _read(api: Any, name: str, inputs: Properties) -> Iterator[tuple[str, Any]]:
    for property_ in sorted(EXTRAS & inputs.keys()):
        extra = _EXTRAS[property_]
        call = getattr(api, extra.read)
        answer = none_if_missing(lambda call=call: call(FunctionName=name)) or {}  # type: ignore[misc]
        value = without_empty(pick(answer, extra.inner)) if extra.inner else answer.get(property_)
        if value:
            yield property_, value


def _change(property_: str, extra: _Extra, value: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the operation that makes a property what is wanted, and its arguments."""
    if value is not None:
        return extra.write, (pick(value, extra.inner) if extra.inner else {property_: value})
    return (extra.unset, {}) if isinstance(extra.unset, str) else (extra.write, extra.unset)
