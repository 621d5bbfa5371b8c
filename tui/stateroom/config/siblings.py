"""Other services of a project while one is compiled: their stacks' names, and the values of their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from stateroom.config.document.intrinsics import SERVICE_OUTPUT, intrinsic, service_output_parts
from stateroom.model.values import Value

OutputValue: TypeAlias = Callable[[str, str], Value]
"""(service, output) → its value; symbolic as long as it is not known."""


def symbolic(service: str, output: str) -> Value:
    """Return the reference to an output, of which a deploy tells the value."""
    return {SERVICE_OUTPUT: [service, output]}


def _no_service(_stack: str, _region: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Siblings:
    """The other services. `by_stack` tells which one's stack has a name in a region; "" for a stranger's."""

    by_stack: Callable[[str, str], str] = _no_service
    output: OutputValue = symbolic


def with_outputs(value: Value, output: OutputValue) -> Value:
    """Return a value with `output` asked for every reference to one; a text around known ones is put together."""
    name = intrinsic(value)
    if name == SERVICE_OUTPUT:
        return output(*service_output_parts(value[name]))
    if isinstance(value, Mapping):
        found = {key: with_outputs(item, output) for key, item in value.items()}
        return _joined(found) if name == "Fn::Join" else found
    return [with_outputs(item, output) for item in value] if isinstance(value, list) else value


def _joined(call: dict[str, Value]) -> Value:
    separator, pieces = call["Fn::Join"]
    return separator.join(pieces) if all(isinstance(piece, str) for piece in pieces) else call
