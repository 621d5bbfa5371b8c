"""Base of the tables: one kind of children, listed by one call on their parent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.children import Exposure, Recorded
from stateroom.cloud.provider import Reading, ReadRequest, ResourceData
from stateroom.errors import CloudError
from stateroom.model.values import Properties, Value

ALL: Final = frozenset({"*"})
"""In place of identities: a declared resource stands for every child of the kind."""


class ChildList(ABC):
    """One kind of children of one type of parent.

    `permission` names what the list call needs; `stands_for` the types of which each may be such a child.
    """

    parent: ClassVar[str]
    kind: ClassVar[str]
    permission: ClassVar[str]
    stands_for: ClassVar[tuple[str, ...]] = ()
    restorable: ClassVar[bool] = False
    batch_from = 0  # there is one list call a parent, and none for several

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, resource: ResourceData) -> Properties | None:
        """Return all children of a parent by identity (cloud.aws.reading.Reader)."""
        return self.children(resource.id)

    @abstractmethod
    def children(self, physical_id: str) -> Properties:
        """Return all children of a parent by identity; none without the parent."""

    @abstractmethod
    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the identities of `parent`'s children that a resource of `stands_for` is; `ALL` for every one."""

    def is_declared(self, identity: str, value: Value, declared: frozenset[str]) -> bool:
        """Tell whether a child is one of the declared identities."""
        return identity in declared

    def is_whole(self, parent: Recorded) -> bool:
        """Tell whether the parent's own properties say all of its children, so that they are its drift."""
        return False

    @abstractmethod
    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Tell what such a child lets happen; None for a harmless one."""

    @abstractmethod
    def remove(self, parent: Recorded, identity: str) -> None:
        """Take a child away. One that is gone already is a success."""

    def put(self, parent: Recorded, identity: str, value: Value) -> None:
        """Make a child what it was."""
        raise CloudError(
            f"{self.kind} {identity} of {parent.physical_id} cannot be put back by stateroom",
            why="the list of such children does not tell all that it takes to make one",
            todo="make it again by the tool that made it, or accept its absence",
            refused=True,
        )

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Leave every request to a single read."""
        return iter(())


def function_in(value: Value) -> str:
    """Return the name of a function from its name or ARN; with `:qualifier` if there is one."""
    text = str(value or "")
    return text.split(":function:", 1)[1] if ":function:" in text else text


def strings(value: Any) -> set[str]:
    """Return the texts of a list property, or of a single text."""
    return {str(item) for item in value} if isinstance(value, list | tuple) else {str(value)} if value else set()


def without(values: Mapping[str, Value], *names: str) -> dict[str, Value]:
    """Return a mapping without some keys and without empty values."""
    return {key: item for key, item in values.items() if key not in names and item not in (None, "", [], {})}
