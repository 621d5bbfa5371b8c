"""Ask the cloud about the pending operations of a state file that are ours, as an operation does at its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stateroom.cloud.provider import Provider
from stateroom.engine.records.findings import Finding
from stateroom.engine.records.record_map import by_address, in_dependency_order
from stateroom.engine.records.recovery import settle
from stateroom.errors import StateroomError
from stateroom.model.pending import PendingOperation
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.codec import decode, encode
from stateroom.state.checkpoint.pending_codec import is_ours, to_pending
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.tools.edits import Alteration, Edit


def settle_ours(edit: Edit, cipher: Cipher, provider: Callable[[], Provider] | None) -> Edit:
    """Take into an edit what the cloud says of our pending operations; each that stays is undecided, with the reason.

    Args:
        edit: of a state; one that still breaks a rule is left as it is.
        cipher: of the state.
        provider: opens the cloud of its resources; None: no cloud.
    """
    ours = [entry for entry in edit.document.pending if is_ours(entry)]
    if not ours:
        return edit
    try:
        document, said = _asked(edit.document, ours, cipher, provider)
    except StateroomError as error:
        document, said = edit.document, [_undecided(entry, error.what) for entry in ours]
    return replace(edit, document=document, alterations=(*edit.alterations, *said))


def _asked(
    document: CheckpointDocument, ours: list[Any], cipher: Cipher, provider: Callable[[], Provider] | None
) -> tuple[CheckpointDocument, list[Alteration]]:
    if provider is None:
        return document, [_undecided(entry, "the cloud could not be asked about it") for entry in ours]
    snapshot = decode(document.dump(), cipher)
    urns = {item.key: entry["resource"]["urn"] for entry in ours if (item := to_pending(entry, None)) is not None}
    operations = [item for item in snapshot.pending if item.key in urns]
    records = by_address(snapshot.records)
    settled = settle(operations, records, snapshot, provider())
    if settled.findings:
        pending = tuple(
            item for item in snapshot.pending if item.key not in {found.key for found, _ in settled.findings}
        )
        result = replace(snapshot, records=in_dependency_order(records), pending=pending)
        document = CheckpointDocument.parse(encode(result, cipher))
    said = [_decided(urns[item.key], item, finding) for item, finding in settled.findings]
    said += [Alteration("?", urns[item.key], f"its {item.action} is pending: {item.why}") for item in settled.pending]
    return document, said


def _decided(urn: str, item: PendingOperation, finding: Finding) -> Alteration:
    sign = "+" if finding.record is not None and item.makes else "-" if finding.gone else "~"
    return Alteration(sign, urn, finding.note.removeprefix(f"{item.logical_id}: "))


def _undecided(entry: Any, why: str) -> Alteration:
    item = to_pending(entry, None)
    return Alteration("?", entry["resource"]["urn"], f"its {item.action if item else 'step'} is pending: {why}")
