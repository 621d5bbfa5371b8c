"""Say of which resources only an emulator's Cloud Control has told: no statement is stronger than what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from stateroom.model.diff import ResourceDiff
from stateroom.presentation.text import plain


def hearsay_lines(diffs: Iterable[ResourceDiff]) -> tuple[str, ...]:
    """One line for each who answered in the place of services, with how many resources it answered for."""
    counts = Counter(diff.answered_by for diff in diffs if diff.answered_by and diff.read_at)
    return tuple(
        f"{count} resource{'s are' if count > 1 else ' is'} read only {as_answered(who)}"
        for who, count in sorted(counts.items())
    )


def as_answered(who: str) -> str:
    """`as Cloud Control of http://… answers; the service itself was not asked`."""
    return f"as {plain(who)} answers; the service itself was not asked"
