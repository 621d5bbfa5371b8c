"""JSON texts that contain intrinsics: a state machine's definition, a rule's input."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stateroom.config.document.intrinsics import intrinsic
from stateroom.model.values import Secret, Value, contains_secret

_PSEUDO = re.compile(r"#\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Unquoted:
    """Intrinsic with a number as its result, written without quotes: `"Seconds": ${…}`."""

    value: Value


def json_text(value: Value, *, indent: int | None = None, known: Collection[str] = ()) -> Value:
    """Return the value as JSON text; a Fn::Sub when it contains intrinsics.

    In its strings `#{AWS::Region}` and `${AWS::Region}` stand for the pseudo parameter, and `${Queue.Arn}` for the
    attribute of a resource with a logical id in `known`. An intrinsic's result is written between quotes.
    """
    variables: dict[str, Value] = {}
    plain = text = json.dumps(
        _marked(value, variables), indent=indent, separators=None if indent else (",", ":"), ensure_ascii=False
    )
    text, refers = _as_sub(text, known)
    if not variables and not refers:
        return plain
    for name in variables:
        text = text.replace(f'"\\u0000\\u0000{name}\\u0000"', f"${{{name}}}")
        text = text.replace(f"\\u0000{name}\\u0000", f"${{{name}}}")
    return {"Fn::Sub": [text, variables]} if variables else {"Fn::Sub": text}


def _as_sub(text: str, known: Collection[str]) -> tuple[str, bool]:
    """Convert text to Fn::Sub syntax, with whether it has references. Other `${…}` are escaped."""
    refers = False

    def escape(match: re.Match[str]) -> str:
        nonlocal refers
        name = match.group(1).strip()
        if not name.startswith("AWS::") and name.partition(".")[0] not in known:
            return "${!" + match.group(1) + "}"
        refers = True
        return match.group()

    text = re.sub(r"\$\{([^{}]*)\}", escape, text)
    text, count = _PSEUDO.subn(r"${\1}", text)
    return text, refers or bool(count)


def _marked(value: Value, variables: dict[str, Value]) -> Value:
    if isinstance(value, Unquoted):
        return f"\0{_marked(value.value, variables)}"
    if isinstance(value, Secret) or intrinsic(value) is not None:
        name = _name(value, variables)
        variables[name] = value
        return f"\0{name}\0"
    if isinstance(value, Mapping):
        return {key: _marked(item, variables) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, variables) for item in value]
    return value


def _name(value: Value, variables: Mapping[str, Value]) -> str:
    """Name a variable by its value's hash; secrets are numbered, because a hash would reveal them."""
    if contains_secret(value):
        return next((name for name, known in variables.items() if known == value), f"secret{len(variables) + 1}")
    return hashlib.md5(json.dumps(value, sort_keys=True, default=str).encode(), usedforsecurity=False).hexdigest()


def with_pseudo_parameters(value: Value) -> Value:
    """Return a copy in which strings with `#{AWS::Region}` are Fn::Subs."""
    if isinstance(value, Mapping):
        if intrinsic(value) == "Fn::Sub":
            return value
        return {key: with_pseudo_parameters(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_pseudo_parameters(item) for item in value]
    if isinstance(value, str) and _PSEUDO.search(value):
        return {"Fn::Sub": _as_sub(value, ())[0]}
    return value
