"""Resolve pending operations of a state file by asking the cloud for their results.

An entry is {"resource": <as it would stand in the file>, "type": "creating" | "updating" | "deleting" | "reading"}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stateroom.state.checkpoint.checkpoint_document import Raw
from stateroom.state.checkpoint.pending_codec import is_ours
from stateroom.state.tools.edits import Alteration


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of the cloud: the resource's physical id, or None when it does not exist."""

    physical_id: str | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Failure to ask the cloud; `why` in one line."""

    why: str


Ask: TypeAlias = Callable[[Raw], Answer | Unanswered]
"""Asks the cloud about a resource."""


def resolve_pending(
    resources: Sequence[Raw], pending: Sequence[Raw], ask: Ask | None
) -> tuple[list[Raw], list[Raw], list[Alteration]]:
    """Return (resources, pending operations that stay open, alterations).

    Those that stateroom wrote stay open: about them the cloud is asked as it is by an operation.
    """
    kept = list(resources)
    left: list[Raw] = []
    done: list[Alteration] = []
    for item in pending:
        if is_ours(item):
            left.append(item)
            continue
        raw = item.get("resource") if isinstance(item, dict) else None
        if not isinstance(raw, dict) or not isinstance(raw.get("urn"), str):
            done.append(Alteration("-", "", "a pending operation that names no resource"))
            continue
        said = _settle_one(kept, raw, str(item.get("type") or ""), ask)
        if said.sign == "?":
            left.append(item)
        done.append(said)
    return kept, left, done


def _settle_one(kept: list[Raw], raw: Raw, kind: str, ask: Ask | None) -> Alteration:
    urn = raw["urn"]
    index = next((place for place, item in enumerate(kept) if _is(item, raw)), None)
    if kind == "reading" or (kind == "updating" and index is not None):
        after = "; a refresh tells what became of it" if kind == "updating" else ""
        return Alteration("~", urn, f"was {kind}: no longer pending{after}")
    answer = ask(raw) if ask else Unanswered("the cloud could not be asked about it")
    if isinstance(answer, Unanswered):
        return Alteration("?", urn, f"is pending ({kind}): {answer.why}")
    if kind == "deleting":
        if answer.physical_id is not None:
            return Alteration("~", urn, "was being deleted and still exists: no longer pending")
        if index is not None:
            del kept[index]
        return Alteration("-", urn, "was being deleted and is gone")
    if answer.physical_id is None:
        return Alteration("~", urn, "was being created and does not exist: no longer pending")
    if any(item["urn"] == urn and item.get("id") == answer.physical_id for item in kept):
        return Alteration("~", urn, "was being created and is in the state: no longer pending")
    kept.append({**raw, "id": answer.physical_id})
    return Alteration("+", urn, f"was being created and exists as {answer.physical_id}: taken into the state")


def _is(item: Raw, raw: Raw) -> bool:
    return bool(item.get("urn") == raw["urn"] and (not raw.get("id") or item.get("id") == raw["id"]))
