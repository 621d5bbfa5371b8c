"""Timestamps in state files, and ids that sort newest first."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from stateroom.model.values import Value

_MASK = 0xFFFF_FFFF_FFFF  # 48 bits of milliseconds


def rfc3339(moment: datetime) -> str:
    """Format as UTC with microseconds: 2026-11-21T01:12:36.367945Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def parse_time(text: Value) -> datetime | None:
    """Parse an RFC 3339 text; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def descending_id(moment: datetime) -> str:
    """Return 24 hex digits, smaller for later times, so that listings are newest first (SST's ids)."""
    milliseconds = int(moment.timestamp() * 1000)
    return f"{~milliseconds & _MASK:012x}{os.urandom(6).hex()}"


def moment_of(update_id: str) -> datetime | None:
    """Return the time of a descending id, or None for anything else."""
    try:
        milliseconds = ~int(update_id[:12], 16) & _MASK
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
