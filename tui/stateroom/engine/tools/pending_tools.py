"""Pending operations of a state: list them, ask again how they ended, or drop them by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stateroom.engine.tools.drafts import Draft
from stateroom.engine.tools.pending_settlement import settle_ours
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import UsageError
from stateroom.model.pending import PendingOperation
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.pending_codec import to_pending
from stateroom.state.tools.edits import Alteration, Edit
from stateroom.state.tools.pending_operations import resolve_pending


def listed(tools: StateTools) -> tuple[PendingOperation, ...]:
    """Return the pending operations of a state, with encrypted values as they are; none without a state."""
    found = tools.find()
    return tuple(item for entry in (found[0].pending if found else ()) if (item := to_pending(entry, None)))


def asked_again(tools: StateTools) -> Draft:
    """Ask the cloud how each of them ended. What it cannot be asked about stays, with the reason.

    Raises:
        StateError: there is no state, or it breaks an integrity rule.
    """
    document, etag = tools.load()
    resources, left, done = resolve_pending(document.resources, document.pending, tools.ask)
    changed = document.with_resources(resources, left) if any(item.sign != "?" for item in done) else document
    cipher = tools.home.keys.cipher(tools.app, tools.stage, document.salt)
    return Draft("state pending --ask", settle_ours(Edit(changed, tuple(done)), cipher, tools.provider), etag)


def dropped(tools: StateTools, names: Sequence[str]) -> Draft:
    """Drop pending operations by logical id or URN; what they may have made stays in the cloud.

    Raises:
        UsageError: a name fits none, or operations of several resources.
        StateError: there is no state, or it breaks an integrity rule.
    """
    document, etag = tools.load()
    gone = [entry for name in names for entry in _chosen(document, name)]
    kept = [entry for entry in document.pending if not any(entry is item for item in gone)]
    said = [Alteration("-", entry["resource"]["urn"], _what(entry)) for entry in gone]
    return Draft("state pending --drop", Edit(document.with_resources(document.resources, kept), tuple(said)), etag)


def _chosen(document: CheckpointDocument, name: str) -> list[Any]:
    named = [(item, entry) for entry in document.pending if (item := to_pending(entry, None))]
    found = [entry for item, entry in named if name in (item.logical_id, entry["resource"]["urn"])]
    urns = {entry["resource"]["urn"] for entry in found}
    if not found:
        there = ", ".join(dict.fromkeys(item.logical_id for item, _ in named)) or "none"
        raise UsageError(
            f"no operation on {name} is pending", why=f"pending are: {there}", todo="stateroom state pending"
        )
    if len(urns) > 1:
        raise UsageError(
            f"operations on several resources called {name} are pending", todo=f"name one: {', '.join(urns)}"
        )
    return found


def _what(entry: Any) -> str:
    item = to_pending(entry, None)
    if item is None or not item.makes:
        return "no longer pending; how it ended is not known"
    what = item.physical_id or "what it may have made"
    return f"no longer pending; {what} stays in the cloud, and in no state"
