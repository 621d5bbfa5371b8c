"""What every home needs of the place where its bytes lie: get, put with a condition, delete, list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """One object: its bytes, the tag that changes with them, and when it was written (UTC)."""

    data: bytes = field(repr=False)
    etag: str
    modified: datetime


class Store(Protocol):
    """A flat space of keys (`app/orders/dev.json`). Every put is all or nothing, and durable when it returns.

    Methods may be called from many threads and processes at once; a conditional put or delete excludes the others.
    """

    def get(self, key: str) -> Blob | None:
        """The object, or None when there is none. Creates nothing."""

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
        """Delete the object; none there is a success, unless `if_match` is given. Raises as `put` does."""

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects in this order, with as few calls as the store needs for it. None there is a success."""

    def list(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, sorted."""
