"""Store that may not exist yet: reads find nothing, the first write creates it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from stateroom.errors import StateConflictError
from stateroom.state.stores.store import Blob, Store


class PointedStore:
    """Proxy of a store that is found through a pointer. Opening one calls nothing.

    Args:
        find: the store, or None when it was never made; asked again until there is one.
        make: makes the store and returns it; asked by the first write only.
    """

    def __init__(self, find: Callable[[], Store | None], make: Callable[[], Store]) -> None:
        self._find = find
        self._make = make
        self._store: Store | None = None
        self._writable = False
        self._lock = threading.Lock()

    def get(self, key: str) -> Blob | None:
        """Return the object, or None."""
        store = self.found()
        return store.get(key) if store else None

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the object, creating the store if it is missing."""
        return self._made().put(key, data, if_match=if_match, if_none_match=if_none_match)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Delete the object."""
        store = self.found()
        if store is not None:
            store.delete(key, if_match=if_match)
        elif if_match is not None:
            raise StateConflictError(f"{key} is gone", why="there is no home any more")

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete objects in this order."""
        store = self.found()
        if store is not None:
            store.delete_all(keys)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`."""
        store = self.found()
        yield from store.list(prefix) if store else ()

    def found(self) -> Store | None:
        """Return the store, if it exists. Creates nothing."""
        with self._lock:
            if self._store is None:
                self._store = self._find()
            return self._store

    def _made(self) -> Store:
        with self._lock:
            if not self._writable:
                self._store = self._make()
                self._writable = True
            assert self._store is not None  # noqa: S101 - said for the type checker; _make returns one
            return self._store
