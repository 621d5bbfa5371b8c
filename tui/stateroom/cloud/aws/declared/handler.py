"""Handlers of types that are tables: cloud.provider.Handler by a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stateroom.cloud.aws.declared import reading, writing
from stateroom.cloud.aws.declared.table import TypeTable
from stateroom.cloud.aws.handler_base import BATCH_FROM
from stateroom.cloud.provider import Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties


class DeclaredHandler(TypeTable):
    """Handler of a type that is read one by one."""

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create as the table says."""
        return (yield from writing.create(self, resource, self.update))

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the model, or None."""
        return reading.read(self, resource)

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write what changed as the table says."""
        return (yield from writing.update(self, resource))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete as the table says."""
        yield from writing.delete(self, resource)

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for what a create would meet."""
        return reading.locate(self, resource)

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Return all tags; None when the resource is gone, or when the type has none."""
        return reading.current_tags(self, resource)


class ListedHandler(DeclaredHandler):
    """Handler of a type whose listing answers for many."""

    batch_from = BATCH_FROM

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield readings from the pages of the listing."""
        return reading.read_many(self, requests)
