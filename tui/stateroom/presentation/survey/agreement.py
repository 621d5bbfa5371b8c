"""What was compared, in words: how much agrees, what was seen outside the config, and why the rest was not read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from stateroom.model.diff import ResourceDiff
from stateroom.presentation.text import plain

# A reader gives what a resource's own API describes, and what hangs on it in lists that are known; there may be more.
NO_BASE = "not compared before the next refresh."
NOT_ALL = "What the config does not set (alarms, dashboards, …) was not all looked at."
NOT_LOOKED = "What the config does not set (policies, URLs, …) was not all looked at."


_SHARED_BY = 3  # resources


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over resources that are in step.

    Args:
        resources: how many.
        attributes: how many of theirs were compared on all three sides.
        unanswered: how many of theirs the cloud does not give back.
        outside: how many undeclared changes were seen, in any resource.
        refused: what of the undeclared children could not be looked at, each with the reason.
        unbased: how many resources have children that nothing is recorded of to compare them with.
        quick: whether there are undeclared children that were not asked for.
    """

    resources: int
    attributes: int
    unanswered: int
    outside: int
    refused: tuple[str, ...] = ()
    unbased: int = 0
    quick: bool = False

    def line(self) -> str:
        """`41 attributes of 12 resources agree.`, `41 attributes of 12 resources compared; ^2 undeclared.`

        "Agree" is not said beside undeclared changes, or where they were not allowed to be looked for.
        """
        if not self.resources:
            return "There are no resources in config and state."
        what = f"{count(self.attributes, 'attribute')} of {count(self.resources, 'resource')}"
        if self.outside:
            return f"{what} compared; ^{count(self.outside, 'undeclared change')}."
        if self.refused:
            return f"{what} compared; not all was looked at."
        return f"{what} {'agrees' if self.attributes == 1 else 'agree'}."

    def short(self) -> str:
        """`41 attributes agree, 1 not given back`, `41 attributes compared, ^2 undeclared`: of one service."""
        if not self.resources:
            return "no resources"
        parts = [agreeing(self.attributes, exact=not self.outside and not self.refused)]
        parts += [f"{self.unanswered} not given back"] if self.unanswered else []
        parts += [f"^{self.outside} undeclared"] if self.outside else []
        parts += ["not all looked at"] if self.refused else []
        return ", ".join(parts)

    def notes(self) -> tuple[str, ...]:
        """Say what was not compared, a line of at most 80 columns each."""
        if not self.resources:
            return ()
        unanswered = f"{count(self.unanswered, 'attribute')} the cloud does not give back: not compared."
        notes = [unanswered] if self.unanswered else []
        notes += [f"Not looked at: {reason}." for reason in self.refused]
        notes += [f"Undeclared children of {count(self.unbased, 'resource')}: {NO_BASE}"] if self.unbased else []
        return (*notes, NOT_LOOKED if self.quick else NOT_ALL)


def agreement(diffs: Iterable[ResourceDiff]) -> Agreement:
    """Add up the resources that are in step; undeclared changes of the others count, too."""
    diffs = tuple(diffs)
    agreed = [diff for diff in diffs if diff.in_step and not diff.unsettled]
    return Agreement(
        len(agreed),
        sum(diff.same for diff in agreed),
        sum(diff.unanswered for diff in agreed),
        sum(diff.outside for diff in diffs),
        _refused(diffs),
        sum(bool(diff.unbased) for diff in diffs),
        any(len(diff.unlooked) > len(diff.denied) for diff in diffs),
    )


def _refused(diffs: Iterable[ResourceDiff]) -> tuple[str, ...]:
    """Return what was refused, once for each reason: `Policy of 12: lambda:GetPolicy is not allowed`."""
    counts: dict[str, int] = {}
    for diff in diffs:
        for text in diff.denied:
            counts[text] = counts.get(text, 0) + 1
    parts = ((*text.partition(": "), number) for text, number in counts.items())
    return tuple(plain(f"{kind} of {number}: {why}") for kind, _, why, number in parts)


def agreeing(attributes: int, *, exact: bool = True) -> str:
    """`1 attribute agrees`, `14 attributes agree`; where none is set, that it exists is all that was found out."""
    if not attributes:
        return "exists; no attribute to compare"
    if not exact:
        return f"{count(attributes, 'attribute')} compared"
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
