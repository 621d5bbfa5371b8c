"""IAM grants of a state machine's role, and their merging into policy statements."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from stateroom.config.compilation import as_list
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on resources: ARNs, `*`, or references to ARNs."""

    actions: tuple[str, ...]
    resources: tuple[Value, ...]


def grant(actions: str, resources: Value) -> Grant:
    """Make a grant of `"sqs:SendMessage,sqs:…"` on one resource or a list of them."""
    return Grant(tuple(actions.split(",")), tuple(as_list(resources)))


def statements(grants: Iterable[Grant]) -> list[Value]:
    """Merge grants into policy statements.

    The resources of the same actions are joined first, then the actions on the same resources.
    """
    by_actions: dict[tuple[str, ...], list[Value]] = {}
    for item in grants:
        known = by_actions.setdefault(item.actions, [])
        known += [resource for resource in item.resources if resource not in known]
    by_resources: dict[str, tuple[list[str], Value]] = {}
    for actions, resources in by_actions.items():
        found: Value = "*" if "*" in resources else resources
        together, _ = by_resources.setdefault(json.dumps(found, sort_keys=True, default=repr), ([], found))
        together += [action for action in actions if action not in together]
    return [
        {"Effect": "Allow", "Action": together, "Resource": resources} for together, resources in by_resources.values()
    ]
