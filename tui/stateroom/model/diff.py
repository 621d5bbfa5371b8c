"""Three-way differences: which attribute moved, on which side, and so what deploy and refresh would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from stateroom.model.values import Value

Path: TypeAlias = tuple[str | int, ...]
"""Where an attribute is inside a resource's properties: ("Environment", "Variables", "QUEUE_URL")."""

ALL_UNDECLARED: Final[Path] = ("^",)
"""In place of an attribute's path: every undeclared change of the resource."""


def path_name(path: Path) -> str:
    """Write a path as people do: `Environment.Variables.QUEUE_URL`, `Policies[0].PolicyName`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


class Mark(StrEnum):
    """The relation of config, state and cloud for one attribute or one resource (docs/design.md, Three columns)."""

    IN_STEP = " "
    PENDING = "~"
    DRIFT = "!"
    STALE = "*"
    CONFLICT = "x"
    NEW = "+"
    GONE = "-"
    UNKNOWN = "?"
    UNDECLARED = "^"

    @property
    def meaning(self) -> str:
        """The word for the mark, as legends print it."""
        return _TITLES[self]

    @property
    def moved_in_cloud(self) -> bool:
        """The cloud is not as the last operation left it."""
        return self in (Mark.DRIFT, Mark.STALE, Mark.CONFLICT)

    @property
    def moved_in_config(self) -> bool:
        """The config is not as the last operation was asked for."""
        return self in (Mark.PENDING, Mark.NEW, Mark.GONE, Mark.STALE, Mark.CONFLICT)


_TITLES = {
    Mark.IN_STEP: "in step",
    Mark.PENDING: "pending",
    Mark.DRIFT: "drift",
    Mark.STALE: "stale",
    Mark.CONFLICT: "conflict",
    Mark.NEW: "new",
    Mark.GONE: "gone from config",
    Mark.UNKNOWN: "unknown",
    Mark.UNDECLARED: "undeclared",
}


class Deploy(StrEnum):
    """What a deploy does with an attribute that the config changes."""

    WRITES = "writes"
    LEAVES = "leaves"  # its resource is gone from the config, and a delete leaves it in the cloud
    REFUSES = "refuses"  # a check of the plan finds that its resource cannot be so
    WAITS = "waits"  # something that its resource needs is not known


@dataclass(frozen=True, slots=True)
class AttributeDiff:
    """One attribute that is not in step. A side is a value, ABSENT, UNREAD, UNKNOWN or Unresolved."""

    path: Path
    mark: Mark
    config: Value
    state: Value
    cloud: Value
    managed: bool = True  # False: an attribute that the config does not set
    deploy: Deploy = Deploy.WRITES
    danger: str = ""  # of an undeclared one: whom it lets in, where data goes, what it stops

    @property
    def shown(self) -> bool:
        """Whether it has a row of its own by default: what is declared, and what is dangerous."""
        return self.managed or bool(self.danger)

    @property
    def name(self) -> str:
        """The path as people write it: `Environment.Variables.QUEUE_URL`, `Policies[0].PolicyName`."""
        return path_name(self.path)


class X(StrEnum):
    """First letter of a resource's status: config against state."""

    SAME = " "
    CHANGED = "~"
    NEW = "+"
    GONE = "-"
    UNKNOWN = "?"


class Y(StrEnum):
    """Second letter of a resource's status: state against cloud."""

    SAME = " "
    DRIFT = "!"
    MISSING = "x"
    UNREAD = "?"
    NONE = "."  # nothing recorded, so nothing to look for


@dataclass(frozen=True, slots=True)
class ResourceDiff:
    """One resource, three ways."""

    service: str
    logical_id: str
    type: str
    x: X
    y: Y
    attributes: tuple[AttributeDiff, ...] = ()
    same: int = 0  # attributes in step on all sides, folded
    unanswered: int = 0  # attributes that were asked for and that the cloud does not give back
    physical_id: str = ""
    read_at: datetime | None = None  # when the cloud was read
    error: str = ""  # why the cloud could not be read
    todo: str = ""  # what to do about that
    config_error: str = ""  # why the config could not be read; "" with X unknown: not yet
    not_built: str = ""  # why its package could not be compared
    answered_by: str = ""  # who answered in the place of the service: an emulator's Cloud Control
    parent: str = ""  # logical id of the component that it is a part of, in states of other tools
    unasked: str = ""  # variables of its config that nothing was asked for: --offline
    unsettled: str = ""  # why it is not known how its last step ended
    retain: bool = False  # a delete leaves it in the cloud: DeletionPolicy is Retain
    refused: str = ""  # why the plan of a deploy refuses it, with file and line
    waits: str = ""  # what a deploy leaves it alone for: "waits for Queue, which is pending"
    unlooked: tuple[str, ...] = ()  # what that nobody declared was not looked for, and why
    unbased: tuple[str, ...] = ()  # what was looked at for the first time: nothing to compare it with is recorded

    @property
    def status(self) -> str:
        """Two letters as in `git status --short`; `^` for dangerous undeclared changes, in the first free place."""
        if self.dangers and self.x is X.SAME:
            return f"{Mark.UNDECLARED.value}{self.y.value}"
        return f"{self.x.value}{Mark.UNDECLARED.value if self.dangers and self.y is Y.SAME else self.y.value}"

    @property
    def in_step(self) -> bool:
        """Config, state and cloud agree in what is declared, and nothing dangerous is there that is not."""
        return self.x is X.SAME and self.y is Y.SAME and not self.dangers

    @property
    def outside(self) -> int:
        """How many undeclared changes were seen."""
        return sum(item.mark is Mark.UNDECLARED for item in self.attributes)

    @property
    def denied(self) -> tuple[str, ...]:
        """Return what of the undeclared children was asked for and could not be looked at, with the reason."""
        return tuple(text for text in self.unlooked if ": " in text)

    @property
    def dangers(self) -> int:
        """How many of those let data out or people in, or stop the service."""
        return sum(bool(item.danger) for item in self.attributes)

    @property
    def drifted(self) -> bool:
        """The cloud is not what the state says."""
        return self.y in (Y.DRIFT, Y.MISSING)


def tally(diffs: Iterable[ResourceDiff]) -> Counter[str]:
    """How many resources carry each letter, X and Y counted separately, blanks left out; `?` once a resource.

    `^` counts undeclared changes, several to a resource.
    """
    counts: Counter[str] = Counter()
    for diff in diffs:
        if diff.outside:
            counts["^"] += diff.outside
        if diff.x is not X.SAME:
            counts[diff.x.value] += 1
        if diff.y in (Y.DRIFT, Y.MISSING):
            counts["!"] += 1
        elif diff.y is Y.UNREAD and diff.x is not X.UNKNOWN:
            counts["?"] += 1
    return counts
