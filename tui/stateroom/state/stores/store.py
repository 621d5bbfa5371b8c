"""Store protocol: get, conditional put, delete and list of objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """Object: its bytes, the etag that changes with them, and its time of writing (UTC)."""

    data: bytes = field(repr=False)
    etag: str
    modified: datetime


class Store(Protocol):
    """Flat key space (`app/orders/dev.json`). Every put is atomic, and durable on return.

    Methods may be called from many threads and processes at once; a conditional put or delete excludes the others.
    """

    def get(self, key: str) -> Blob | None:
        """Return the object, or None. Creates nothing."""

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object and return its new etag.

        Args:
            key: where.
            data: the whole object.
            if_match: only over the object with this etag.
            if_none_match: only if there is no object.

        Raises:
            StateConflictError: the condition does not hold; nothing was written.
            StateError: the store refused.
        """

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object; a missing one is a success without `if_match`. Raises as `put` does."""

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects in this order, with as few calls as the store needs. A missing one is a success."""

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, sorted."""
