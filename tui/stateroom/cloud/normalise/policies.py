"""Canonical form of IAM policy documents.

The grammar lets one value stand for a list of one, gives order no meaning, and AWS stores an account's principal as its
root ARN: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from stateroom.model.values import Marker, Secret, Value

_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def is_policy(value: Value) -> bool:
    """Tell whether the value looks like a policy document."""
    if not _is_map(value) or "Statement" not in value:
        return False
    statements = _many(value["Statement"])
    return bool(statements) and all(_is_map(item) and "Effect" in item for item in statements)


def canonical_policy(policy: Mapping[str, Value]) -> dict[str, Value]:
    """Sort statements, make one-or-many values lists, and conditions lists of text."""
    statements = [_statement(item) for item in _many(policy["Statement"])]
    if len(statements) > 1:
        statements.sort(key=_order)
    rest = {key: value for key, value in policy.items() if key != "Statement"}
    return {**rest, "Statement": statements}


def _statement(statement: Mapping[str, Value]) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for key, value in statement.items():
        if key in _LISTS:
            result[key] = _set(value)
        elif key in _PRINCIPALS:
            result[key] = _principal(value)
        elif key == "Condition" and _is_map(value):
            result[key] = {name: _condition(test) for name, test in value.items()}
        elif key == "Sid":
            if value not in ("", None):
                result[key] = _text(value)
        else:
            result[key] = value
    return result


def _principal(value: Value) -> Value:
    if not _is_map(value):
        return value
    return {kind: _set([_account(name) for name in _many(names)]) for kind, names in value.items()}


def _account(name: Value) -> Value:
    match = _ROOT.fullmatch(name) if isinstance(name, str) and name.endswith(":root") else None
    return match[1] if match else name


def _condition(test: Value) -> Value:
    if not _is_map(test):
        return test
    return {key: _set(value) for key, value in test.items()}


def _set(value: Value) -> list[Value]:
    if type(value) is str:
        return [value]
    unique = {_order(item): _text(item) for item in _many(value)}
    return [unique[key] for key in sorted(unique)]


def _many(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _order(value: Value) -> str:
    if isinstance(value, str):
        return value
    return f"{value['Sid']} {_dump(value)}" if _is_map(value) and isinstance(value.get("Sid"), str) else _dump(value)


def _is_map(value: Value) -> bool:
    return type(value) is dict or isinstance(value, Mapping)  # asking the abstract class alone takes ten times as long


def _stand_in(value: Any) -> str:
    return f"{value!r}{hash(value)}" if isinstance(value, Secret | Marker) else repr(value)


_dump: Callable[[Value], str] = json.JSONEncoder(sort_keys=True, default=_stand_in).encode  # made once: that is costly
