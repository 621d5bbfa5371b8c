"""Base class of the AWS handlers: constructor, and defaults for batch reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final, Protocol, TypeAlias, runtime_checkable

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.provider import Artifacts, Handler, Reading, ReadRequest, ResourceData
from stateroom.cloud.schema.catalog import facts
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties

__all__ = ["BATCH_FROM", "Artifacts", "AwsHandler", "HandlerFactory", "all_of", "no_artifacts"]

HandlerFactory: TypeAlias = Callable[[Clients, Artifacts], Handler]

BATCH_FROM: Final = 3  # fewer resources are read as quickly one by one


def no_artifacts(sha256: str) -> bytes:
    """Refuse to read a package, for types without code. Raises KeyError."""
    raise KeyError(sha256)


def all_of(type_: str) -> frozenset[str]:
    """Return every property of a type's schema that AWS does not set itself; for APIs that take them as they are."""
    schema = facts(type_).schema
    return schema.properties - schema.read_only


class AwsHandler:
    """Handler of one type with its clients and packages. Subclasses add the methods of `Handler`.

    A subclass that reads list pages overrides `read_many` and sets `batch_from`.
    """

    type: str
    settable: Set[str] | None = None  # top-level properties that the calls send; None: whatever the type has
    unsettable: frozenset[str] = frozenset()  # dotted paths below these that they do not send
    reader_version: int = 1
    batch_from: int = 0
    overwrites: bool = False

    def __init__(self, clients: Clients, artifacts: Artifacts = no_artifacts) -> None:
        self._clients = clients
        self._artifacts = artifacts

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Tell nothing beyond schema and tables."""
        return iter(())

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Leave every request to a single read."""
        return iter(())


@runtime_checkable
class TaggedById(Protocol):
    """A handler whose resources are told apart by their ids alone, so that `locate` may miss one that lost our tags."""

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """All tags of the resource with this id; None when it is gone."""
