"""Evaluate CloudFormation's intrinsic functions, and list their references."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from stateroom.config.document.intrinsics import (
    DYNAMIC,
    SERVICE_OUTPUT,
    get_att_parts,
    intrinsic,
    malformed,
    references_in,
    scalar_text,
    service_output_parts,
    split_placeholders,
    sub_parts,
)
from stateroom.config.resources.pure_functions import PURE
from stateroom.errors import ConfigError
from stateroom.model.values import Secret, Value, contains_secret, contains_unknown, first_unknown, is_unknown, reveal

_NO_VALUE: Final = object()


class References(Protocol):
    """Lookup of references by logical id. Every answer may be UNKNOWN or Unresolved."""

    def ref(self, logical_id: str) -> Value:
        """Return the value of Ref: the physical id."""

    def attribute(self, logical_id: str, name: str) -> Value:
        """Return the value of Fn::GetAtt; `name` may be dotted."""

    def pseudo(self, name: str) -> Value:
        """Return a pseudo parameter: `AWS::Region`, `AWS::AccountId`, …."""

    def service_output(self, service: str, name: str) -> Value:
        """Return an output of another service of the project."""

    def dynamic(self, text: str) -> Value:
        """Return a text with its dynamic references (`{{resolve:…}}`) looked up."""


def resolve(value: Value, references: References) -> Value:
    """Return a copy of `value` with every intrinsic function replaced by its result.

    A key or item that evaluates to AWS::NoValue is left out. UNKNOWN or Unresolved inside a string is the whole string,
    a Secret inside a string makes the string a Secret.

    Raises:
        ConfigError: an intrinsic is malformed or not supported.
    """
    result = _resolve(value, references)
    return None if result is _NO_VALUE else result


def _resolve(value: Value, references: References) -> Value:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Mapping):
        name = intrinsic(value)
        if name is not None:
            function = _FUNCTIONS.get(name)
            if function is None:
                raise ConfigError(f"{name} is not supported", todo=f"supported: {', '.join(sorted(_FUNCTIONS))}")
            return function(value[name], references)
        pairs = ((key, _resolve(item, references)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _NO_VALUE}
    if isinstance(value, list | tuple):
        items = (_resolve(item, references) for item in value)
        return [item for item in items if item is not _NO_VALUE]
    if isinstance(value, Secret):
        return _secret(_resolve(value.reveal(), references))
    return value


def _secret(value: Value) -> Value:
    return value if is_unknown(value) or value is _NO_VALUE or isinstance(value, Secret) else Secret(value)


def _ref(argument: Value, references: References) -> Value:
    name = _text_argument("Ref", argument)
    if name == "AWS::NoValue":
        return _NO_VALUE
    return references.pseudo(name) if name.startswith("AWS::") else references.ref(name)


def _get_att(argument: Value, references: References) -> Value:
    logical_id, name = get_att_parts(argument)
    attribute = _resolve(name, references)
    if is_unknown(attribute):
        return attribute
    return references.attribute(logical_id, _text_argument("Fn::GetAtt", attribute))


def _sub(argument: Value, references: References) -> Value:
    text, variables = sub_parts(argument)
    pieces = [
        piece if not name else _substitute(name, variables, references) for piece, name in split_placeholders(text)
    ]
    return _concatenate("Fn::Sub", pieces)


def _substitute(name: str, variables: Mapping[str, Value], references: References) -> Value:
    if name in variables:
        return _resolve(variables[name], references)
    if "." in name and not name.startswith("AWS::"):
        return _get_att(name, references)
    return _ref(name, references)


def _join(argument: Value, references: References) -> Value:
    if not isinstance(argument, list | tuple) or len(argument) != 2 or not isinstance(argument[0], str):
        raise malformed("Fn::Join", "[delimiter, [values]]")
    items = _resolve(argument[1], references)
    if isinstance(items, Secret):
        return _secret(_join([argument[0], items.reveal()], references))
    if is_unknown(items):
        return items
    if not isinstance(items, list):
        raise malformed("Fn::Join", "[delimiter, [values]]")
    pieces: list[Value] = []
    for item in items:
        pieces += [argument[0], item] if pieces else [item]
    return _concatenate("Fn::Join", pieces)


def _select(argument: Value, references: References) -> Value:
    resolved = _resolve(argument, references)
    if not isinstance(resolved, list) or len(resolved) != 2:
        raise malformed("Fn::Select", "[index, [values]]")
    index, items = resolved
    if is_unknown(index) or is_unknown(items):
        return first_unknown(resolved)
    if isinstance(items, Secret):
        return _secret(_select([index, items.reveal()], references))
    number = int(index) if str(index).isdecimal() and len(str(index)) < 10 else -1
    if not isinstance(items, list) or not 0 <= number < len(items):
        raise malformed("Fn::Select", "an index that the list has")
    return items[number]


def _split(argument: Value, references: References) -> Value:
    resolved = _resolve(argument, references)
    if not isinstance(resolved, list) or len(resolved) != 2 or not isinstance(resolved[0], str) or not resolved[0]:
        raise malformed("Fn::Split", "[delimiter, text]")
    delimiter, text = resolved
    if is_unknown(text):
        return text
    if isinstance(text, Secret):
        return Secret(_text_argument("Fn::Split", text.reveal()).split(delimiter))
    return _text_argument("Fn::Split", text).split(delimiter)


def _base64(argument: Value, references: References) -> Value:
    text = _resolve(argument, references)
    if is_unknown(text):
        return text
    if isinstance(text, Secret):
        return Secret(base64.b64encode(_text_argument("Fn::Base64", text.reveal()).encode()).decode())
    return base64.b64encode(_text_argument("Fn::Base64", text).encode()).decode()


def _pure(function: Callable[[Value], Value]) -> Callable[[Any, References], Value]:
    def call(argument: Value, references: References) -> Value:
        resolved = _resolve(argument, references)
        if contains_unknown(resolved):
            return first_unknown(resolved)
        answer = function(reveal(resolved))
        return Secret(answer) if contains_secret(resolved) else answer

    return call


def _service_output(argument: Value, references: References) -> Value:
    return references.service_output(*service_output_parts(argument))


def _dynamic(argument: Value, references: References) -> Value:
    text = _resolve(argument, references)
    if isinstance(text, Secret):
        return _secret(references.dynamic(_text_argument(DYNAMIC, text.reveal())))
    return text if is_unknown(text) else references.dynamic(_text_argument(DYNAMIC, text))


def _concatenate(function: str, pieces: list[Value]) -> Value:
    if any(map(is_unknown, pieces)):
        return first_unknown(pieces)
    secret = any(isinstance(piece, Secret) for piece in pieces)
    text = "".join(
        scalar_text(function, piece.reveal() if isinstance(piece, Secret) else piece)
        for piece in pieces
        if piece is not _NO_VALUE
    )
    return Secret(text) if secret else text


def _text_argument(function: str, value: Value) -> str:
    if not isinstance(value, str):
        raise malformed(function, "text")
    return value


_FUNCTIONS: Final[Mapping[str, Callable[[Any, References], Value]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    SERVICE_OUTPUT: _service_output,
    DYNAMIC: _dynamic,
    **{name: _pure(function) for name, function in PURE.items()},
}
SUPPORTED: Final = frozenset(_FUNCTIONS)


def resource_ids(value: Value) -> frozenset[str]:
    """Return the logical ids that a value refers to, without pseudo parameters."""
    return frozenset(logical_id for logical_id, _ in references_in(value))
