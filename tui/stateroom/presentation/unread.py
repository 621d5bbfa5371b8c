"""Reasons why resources could not be read; one that many share (no credentials) is said once, with the advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from stateroom.model.diff import ResourceDiff

_SHARED_BY = 3  # resources


@dataclass(frozen=True, slots=True)
class SharedReason:
    """Reason that several resources share, and what to do about it."""

    reason: str
    todo: str
    resources: int

    def lines(self) -> tuple[str, ...]:
        """`40 resources not read: no AWS credentials were found: …`, and the advice."""
        head = f"{self.resources} resources not read: {self.reason}"
        return (head, self.todo) if self.todo else (head,)


def reason_of(diff: ResourceDiff) -> str:
    """Return why a resource was not read, without the name of the resource that the error begins with."""
    return diff.error.partition(": ")[2] or diff.error


def shared_reasons(diffs: Iterable[ResourceDiff]) -> tuple[SharedReason, ...]:
    """Return the reasons that at least three resources share, most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for diff in diffs:
        if diff.error:
            key = (reason_of(diff), diff.todo)
            counts[key] = counts.get(key, 0) + 1
    shared = [SharedReason(*key, number) for key, number in counts.items() if number >= _SHARED_BY]
    return tuple(sorted(shared, key=lambda item: -item.resources))


def without_shared(diff: ResourceDiff, shared: Iterable[SharedReason]) -> ResourceDiff:
    """Return a resource without its reason if that is a shared one; it stays unread."""
    if diff.error and any(reason_of(diff) == item.reason and diff.todo == item.todo for item in shared):
        return replace(diff, error="", todo="")
    return diff
