"""Policies in words: one line for each statement, nothing left out.

Elements of a statement:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from stateroom.cloud.normalise.policies import is_policy
from stateroom.model.values import Value
from stateroom.presentation.values import as_json, full

_KNOWN = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)


def statements(value: Value) -> Iterator[tuple[str, str]] | None:
    """Return (Sid, words) of each statement of a policy, a mapping or a JSON text; None for what is no policy."""
    policy = _parsed(value)
    if not is_policy(policy):
        return None
    found = policy["Statement"]
    return ((_sid(item), statement_text(item)) for item in (found if isinstance(found, list | tuple) else [found]))


def statement_text(statement: Mapping[str, Value]) -> str:
    """`Allow sqs:SendMessage, sqs:GetQueueUrl on ARN for Service events.amazonaws.com if ArnLike aws:SourceArn = X`."""
    parts = [
        full(statement.get("Effect", "Allow")),
        _actions(statement),
        _resources(statement),
        _principals(statement),
        _conditions(statement.get("Condition")),
    ]
    unknown = {key: value for key, value in statement.items() if key not in _KNOWN}
    parts.append(f"and {as_json(unknown)}" if unknown else "")
    return " ".join(filter(None, parts))


def _parsed(value: Value) -> Value:
    if not isinstance(value, str) or not value.lstrip().startswith("{") or "Statement" not in value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _sid(statement: Mapping[str, Value]) -> str:
    sid = statement.get("Sid")
    return full(sid) if sid else ""


def _actions(statement: Mapping[str, Value]) -> str:
    if "NotAction" in statement:
        return f"everything but {_many(statement['NotAction'])}"
    return _many(statement.get("Action", ()))


def _resources(statement: Mapping[str, Value]) -> str:
    if "NotResource" in statement:
        return f"on everything but {_many(statement['NotResource'])}"
    return f"on {_many(statement['Resource'])}" if "Resource" in statement else ""


def _principals(statement: Mapping[str, Value]) -> str:
    if "NotPrincipal" in statement:
        return f"for everybody but {_principal(statement['NotPrincipal'])}"
    return f"for {_principal(statement['Principal'])}" if "Principal" in statement else ""


def _principal(value: Value) -> str:
    if value == "*":
        return "everybody (*)"
    if not isinstance(value, Mapping):
        return _many(value)
    return ", ".join(
        "everybody (AWS *)" if (kind, names) in (("AWS", "*"), ("AWS", ["*"])) else f"{kind} {_many(names)}"
        for kind, names in value.items()
    )


def _conditions(condition: Value) -> str:
    if not condition:
        return ""
    if not isinstance(condition, Mapping):
        return f"if {full(condition)}"
    tests = [
        f"{operator} {key} = {_many(values, ' or ')}"
        for operator, test in condition.items()
        for key, values in (test.items() if isinstance(test, Mapping) else (("", test),))
    ]
    return f"if {' and '.join(tests)}"


def _many(value: Value, between: str = ", ") -> str:
    return between.join(map(full, value)) if isinstance(value, list | tuple) else full(value)
