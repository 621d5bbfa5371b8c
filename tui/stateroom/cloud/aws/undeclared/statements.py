"""Policy documents by statement: identities, and what each statement lets happen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud.aws.shapes import from_json
from stateroom.cloud.children import Exposure
from stateroom.model.values import Value

_SHOWN: Final = 3  # actions or principals named in a danger


def statements(document: Value) -> dict[str, Any]:
    """Return a policy's statements by Sid; one without a Sid, or with another's, by a hash of what it says."""
    found: dict[str, Any] = {}
    for statement in _listed(document):
        sid = str(statement.get("Sid") or "")
        found[sid if sid and sid not in found else _hash(statement)] = statement
    return found


def with_statement(document: Value, identity: str, wanted: Value) -> dict[str, Any] | None:
    """Return a document in which one statement is what is `wanted` (not a mapping: gone); None when none is left."""
    whole = from_json(document)
    kept = statements(whole)
    if isinstance(wanted, Mapping):
        kept[identity] = wanted
    else:
        kept.pop(identity, None)
    head = dict(whole) if isinstance(whole, Mapping) else {"Version": "2012-10-17"}
    return {**head, "Statement": list(kept.values())} if kept else None


def statement_danger(statement: Value) -> Exposure | None:
    """Say who may do what by a statement: `anyone may sqs:*`, `123456789012 may lambda:InvokeFunction`."""
    if not isinstance(statement, Mapping):
        return None
    actions = _brief(statement.get("Action") or f"all but {_brief(statement.get('NotAction'))}")
    if statement.get("Effect") == "Deny":
        return Exposure(f"denies {actions} to {_who(statement)}")
    who, narrowed = _who(statement), bool(statement.get("Condition"))
    return Exposure(f"{who} may {actions}{' under a condition' if narrowed else ''}", who == "anyone" and not narrowed)


def document_danger(name: str, document: Value) -> Exposure | None:
    """Say what an identity's policy of a name allows: `lets it sqs:*`."""
    found = [item for item in statements(document).values() if item.get("Effect") != "Deny"]
    actions = list(dict.fromkeys(action for item in found for action in _names(item.get("Action") or "*")))
    return Exposure(f"{name} allows {_brief(actions)}", "*" in actions) if actions else None


def _who(statement: Mapping[str, Any]) -> str:
    principal = statement.get("Principal")
    if principal is None:
        return f"all but {_brief(statement['NotPrincipal'])}" if "NotPrincipal" in statement else "it"
    names = list(_names(principal))
    return "anyone" if "*" in names else _brief(names)


def _names(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _names(item)
    elif value is not None:
        yield str(value)


def _brief(value: Value) -> str:
    names = list(_names(value))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _listed(document: Value) -> list[Mapping[str, Any]]:
    whole = from_json(document)
    listed = whole.get("Statement") if isinstance(whole, Mapping) else None
    items = [listed] if isinstance(listed, Mapping) else listed or ()
    return [item for item in items if isinstance(item, Mapping)]


def _hash(statement: Mapping[str, Any]) -> str:
    text = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    return f"statement-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
