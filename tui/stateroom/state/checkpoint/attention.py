"""Findings about a state file that somebody has to look at: broken rules, and marks of Pulumi and SST.

The marks are fields of Pulumi's checkpoint (pulumi/pulumi sdk/go/common/apitype/core.go: ResourceV3,
SnapshotIntegrityErrorMetadataV1). Nothing is decrypted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.model.pending import PendingOperation
from stateroom.model.standing import Gravity, StateProblem
from stateroom.state.checkpoint import integrity
from stateroom.state.checkpoint.pending_codec import to_pending
from stateroom.state.checkpoint.tokens import name_in

REPAIR: Final = "`stateroom state repair` puts it right"
_URN = re.compile(r"urn:pulumi:[^\s']+")
_MARKS: Final = {
    "delete": ("an old copy of {} waits to be deleted", "the next deploy deletes it"),
    "pendingReplacement": ("{} was deleted and its replacement is not made yet", "the next deploy makes it"),
    "taint": ("{} is marked to be replaced", "the next deploy replaces it"),
    "initErrors": ("{} was made and did not become ready", "the next deploy updates it"),
    "external": ("{} is only read by this state, not managed", "nothing is to be done"),
}


def problems_in(latest: Mapping[str, Any], *, checked: bool = False) -> tuple[StateProblem, ...]:
    """Return the findings about a deployment (`checkpoint.latest`), broken rules first, one for each rule and mark.

    `checked`: its rules were checked when it was loaded, and hold.
    """
    rules = () if checked else _broken_rules(latest)
    return (*rules, *_integrity_error(latest), *_nameless(latest), *_marks(latest))


def _broken_rules(latest: Mapping[str, Any]) -> Iterator[StateProblem]:
    found: dict[str, list[str]] = {}
    for text in integrity.problems(latest):
        rule = " ".join(_URN.sub("", text).split())
        found.setdefault(rule, []).append(_URN.sub(lambda urn: _short(urn[0]), text))
    for rule, texts in found.items():
        yield StateProblem(rule, f"the state breaks a rule: {texts[0]}{_more(len(texts))}", REPAIR)


def _integrity_error(latest: Mapping[str, Any]) -> Iterator[StateProblem]:
    metadata = latest.get("metadata")
    error = metadata.get("integrity_error") if isinstance(metadata, Mapping) else None
    if error:
        command = error.get("command") if isinstance(error, Mapping) else ""
        during = f" during {command}" if command else ""
        yield StateProblem("integrity_error", f"the tool that wrote the state found it broken{during}", REPAIR)


def _nameless(latest: Mapping[str, Any]) -> Iterator[StateProblem]:
    """Yield pending operations that are none of `pending_in`, because they name no resource."""
    operations = latest.get("pending_operations")
    nameless = sum(to_pending(item, None) is None for item in operations) if isinstance(operations, list) else 0
    if nameless:
        text = f"a pending operation names no resource{_more(nameless)}"
        yield StateProblem("pending_operations", text, REPAIR, Gravity.OPEN)


def pending_in(latest: Mapping[str, Any]) -> tuple[PendingOperation, ...]:
    """Return the pending operations of a deployment, with encrypted values as they are."""
    operations = latest.get("pending_operations")
    found = (to_pending(item, None) for item in operations) if isinstance(operations, list) else ()
    return tuple(item for item in found if item)


def _marks(latest: Mapping[str, Any]) -> Iterator[StateProblem]:
    found: dict[str, list[str]] = {}
    resources = latest.get("resources")
    for raw in resources if isinstance(resources, list) else ():
        if isinstance(raw, Mapping):
            for mark in _MARKS:
                if raw.get(mark):
                    found.setdefault(mark, []).append(_short(str(raw.get("urn") or "")))
    for mark, (text, remedy) in _MARKS.items():
        if names := found.get(mark):
            gravity = Gravity.NOTE if mark == "external" else Gravity.OPEN
            yield StateProblem(mark, f"{text.format(names[0])} ({mark}){_more(len(names))}", remedy, gravity)


def _short(urn: str) -> str:
    """Return the name in a URN, or in a provider reference, which ends with an id."""
    parts = urn.split("::")
    return (parts[3] if len(parts) > 3 else name_in(urn)) or "a resource without a name"


def _more(count: int) -> str:
    return f", and {count - 1} more" if count > 1 else ""
