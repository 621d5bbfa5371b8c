"""Protocol for what hangs on a resource and is no resource of its own: policies, URLs, routes, subscriptions.

Nobody has to declare such a child for it to be there. It is read through its parent's list, in a second, slower round:
one list call for each kind and parent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol

from stateroom.model.diff import Path
from stateroom.model.values import Properties, Value


@dataclass(frozen=True, slots=True)
class Recorded:
    """Resource of a state: a possible parent, or what stands for a child of another. `key` comes back with answers."""

    key: str
    type: str
    physical_id: str
    inputs: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildReading:
    """Children of one kind under one parent, by identity, without those that a recorded resource stands for.

    `unread` says why they were not looked at: "not looked at: lambda:GetPolicy is not allowed"; "" when they were.
    """

    key: str
    kind: str
    children: Mapping[str, Value] = field(default_factory=dict)
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an undeclared value lets happen, in plain words. `open`: dangerous in itself, whenever it was made."""

    text: str
    open: bool = False


class ChildTables(Protocol):
    """Kinds of children by type of parent: how they are read, what they mean, and how they are taken away again."""

    def kinds(self, type_: str) -> tuple[str, ...]:
        """Return the kinds that a type's resources are asked for; each is the first part of its children's paths."""

    def read(
        self,
        resources: Sequence[Recorded],
        cancelled: Callable[[], bool],
        parents: Set[str] | None = None,
    ) -> Iterator[ChildReading]:
        """Yield one reading for each parent and kind, in any order.

        Args:
            resources: all that the state has: parents, and what stands for a child.
            cancelled: whether nobody wants to know any more.
            parents: keys of those whose children are asked for; None: of all.
        """

    def danger(self, type_: str, path: Path, value: Value) -> Exposure | None:
        """Tell what an undeclared child, or an undeclared attribute of the resource itself, lets happen."""

    def guarded(self, type_: str) -> frozenset[str]:
        """Return the properties of a type that are dangerous when somebody sets them undeclared."""

    def restorable(self, type_: str, kind: str) -> bool:
        """Tell whether `undo` can put back a child that was changed or is gone."""

    def undo(self, parent: Recorded, path: Path, wanted: Value) -> None:
        """Make a child what is `wanted`: ABSENT takes it away. Raises CloudError."""
