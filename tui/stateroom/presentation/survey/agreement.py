"""What was compared, in words: how much agrees, what was seen outside the config, and why the rest was not read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from stateroom.model.diff import ResourceDiff

# A reader gives what a resource's own API describes; what hangs on it from outside, it need not see.
NOT_ALL = "What the config does not set (attached policies, …) was not all looked at."


_SHARED_BY = 3  # resources


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over resources that are in step.

    Args:
        resources: how many.
        attributes: how many of theirs were compared on all three sides.
        unanswered: how many of theirs the cloud does not give back.
        outside: how many changes were seen in what the config does not set.
    """

    resources: int
    attributes: int
    unanswered: int
    outside: int

    def line(self) -> str:
        """`41 attributes of 12 resources agree; 2 changes outside the config.`: fits 80 columns."""
        if not self.resources:
            return "There are no resources in config and state."
        outside = f"; {count(self.outside, 'change')} outside the config" if self.outside else ""
        what = f"{count(self.attributes, 'attribute')} of {count(self.resources, 'resource')}"
        return f"{what} {'agrees' if self.attributes == 1 else 'agree'}{outside}."

    def short(self) -> str:
        """`41 attributes agree, 1 not given back, 2 outside the config`: of one service or resource."""
        if not self.resources:
            return "no resources"
        parts = [agreeing(self.attributes)]
        parts += [f"{self.unanswered} not given back"] if self.unanswered else []
        parts += [f"{self.outside} outside the config"] if self.outside else []
        return ", ".join(parts)

    def notes(self) -> tuple[str, ...]:
        """Say what was not compared, a line of at most 80 columns each."""
        if not self.resources:
            return ()
        unanswered = f"{count(self.unanswered, 'attribute')} the cloud does not give back: not compared."
        return (*((unanswered,) if self.unanswered else ()), NOT_ALL)


def agreement(diffs: Iterable[ResourceDiff]) -> Agreement:
    """Add up the resources that are in step."""
    agreed = [diff for diff in diffs if diff.in_step and not diff.unsettled]
    return Agreement(
        len(agreed),
        sum(diff.same for diff in agreed),
        sum(diff.unanswered for diff in agreed),
        sum(diff.outside for diff in agreed),
    )


def agreeing(attributes: int) -> str:
    """`1 attribute agrees`, `14 attributes agree`; where none is set, that it exists is all that was found out."""
    if not attributes:
        return "exists; no attribute to compare"
    return "1 attribute agrees" if attributes == 1 else f"{attributes} attributes agree"


def count(number: int, noun: str) -> str:
    """`1 resource`, `2 resources`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
