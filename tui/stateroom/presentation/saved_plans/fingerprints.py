"""Fingerprints of what a plan stands on: configs, packages, and secret values that are kept nowhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.model.plan import Plan
from stateroom.model.resource import Template
from stateroom.model.values import Secret, Value, reveal
from stateroom.presentation.values import json_value

# One digest stands for all secrets of a plan together, salted and slow, so that guessing a short one from a file that
# got away costs a tenth of a second a guess.
_ROUNDS: Final = 200_000


def digest(document: Any) -> str:
    """Return the SHA-256, in hex, of JSON in one canonical form."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def config_digest(target: Template | None) -> str:
    """Fingerprint of what a service's steps lead to, packages by their hashes and secrets left out; "" for nothing."""
    if target is None:
        return ""
    resources = {
        name: [item.type, json_value(item.properties), list(item.depends_on), item.retain]
        for name, item in target.resources.items()
    }
    return digest([resources, {name: json_value(item.value) for name, item in target.outputs.items()}])


def packages(target: Template | None) -> list[str]:
    """Return the SHA-256 of each package of a service."""
    return sorted(target.artifacts) if target else []


def secrets_digest(plan: Plan, salt: bytes) -> str:
    """Fingerprint of all secret values that a plan writes or takes back; "" where there are none."""
    found = [json.dumps(reveal(item), sort_keys=True, default=repr) for item in _secrets_of(plan)]
    if not found:
        return ""
    text = json.dumps(found).encode("utf-8", "surrogatepass")
    return hashlib.pbkdf2_hmac("sha256", text, salt, _ROUNDS).hex()


def _secrets_of(plan: Plan) -> Iterator[Secret]:
    for item in plan.services:
        for step in item.steps:
            yield from _secrets(step.inputs)
            yield from _secrets(step.previous)
            for change in step.changes:
                yield from _secrets((change.before, change.after))
        for name in sorted(item.target.resources) if item.target else ():
            yield from _secrets(item.target.resources[name].properties if item.target else None)


def _secrets(value: Value) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from _secrets(value[key])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
