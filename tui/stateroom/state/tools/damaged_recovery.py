"""Recover resources from a truncated state file that are newer than its last good version."""

from __future__ import annotations

import json

from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw

_START = b'"resources"'


def recover_resources(data: bytes, good: CheckpointDocument) -> tuple[Raw, ...]:
    """Return complete resources of a damaged file with a physical id unknown to the good version.

    A writer that was cut off leaves the beginning of its file. Resources created since the last version are recorded
    only there: without it they would be orphans.
    """
    known = {(raw["urn"], raw.get("id")) for raw in good.resources}
    urns = {raw["urn"] for raw in good.resources if not raw.get("delete")}
    found: list[Raw] = []
    for raw in _resources(data):
        key = raw.get("urn"), raw.get("id")
        whole = isinstance(raw.get("urn"), str) and isinstance(raw.get("type"), str) and raw.get("id")
        if whole and key not in known and raw["urn"] not in urns and not raw.get("delete"):
            found.append(raw)
            known.add(key)
    return tuple(found)


def _resources(data: bytes) -> list[Raw]:
    start = data.find(_START)
    start = data.find(b"[", start) if start >= 0 else -1
    if start < 0:
        return []
    text = data[start + 1 :].decode(errors="replace")
    decoder = json.JSONDecoder()
    found: list[Raw] = []
    position = 0
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return found
        if isinstance(item, dict):
            found.append(item)
