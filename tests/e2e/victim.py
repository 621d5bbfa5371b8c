"""The writes to a home in a directory: those of the journal, the lock, the state, the versions and the artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stateroom.state.stores.directory import DirectoryStore
from tests.support.victims import fatal

put, delete = DirectoryStore.put, DirectoryStore.delete


def arm(count: Iterator[int], point: int, when: str) -> None:
    """From now on, the chosen write is the last."""

    def fatal_put(self: DirectoryStore, key: str, data: bytes, **conditions: Any) -> str:
        number = next(count)
        fatal(number, point, "before", when)
        etag = put(self, key, data, **conditions)
        fatal(number, point, "after", when)
        return etag

    def fatal_delete(self: DirectoryStore, key: str, **conditions: Any) -> None:
        number = next(count)
        fatal(number, point, "before", when)
        delete(self, key, **conditions)
        fatal(number, point, "after", when)

    DirectoryStore.put = fatal_put  # type: ignore[method-assign]
    DirectoryStore.delete = fatal_delete  # type: ignore[method-assign]
