"""Decompress and compress objects, as SST's `state.compress` does under the same keys."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Final

from stateroom.errors import StateError
from stateroom.state.stores.store import Store

_LARGEST: Final = 512_000_000  # bytes of an unpacked object; a state of 10,000 resources has some 30 MB
_STATES: Final = "app"
_KINDS: Final = frozenset(
    {_STATES, "lock", "snapshot", "update", "secret", "passphrase", "eventlog", "summary", "journal", "damaged"}
)  # what SST packs, which is everything of an app, and what stateroom keeps beside it


def decompress(data: bytes) -> bytes:
    """Decompress gzip; other data is returned as it is, also ciphertext that begins like gzip."""
    return _decompress(data)[0]


def compress(data: bytes) -> bytes:
    """Compress data with gzip: the same bytes for the same data."""
    return gzip.compress(data, mtime=0)


class Packing:
    """Record of compressed objects in a bucket. `state.compress` is an app's: one object tells for all of its app.

    An app's state decides; where none was read yet, any packed object of the app; for an app without objects, those of
    others. Outside SST's layout each object stays what it was.

    Args:
        sst: the bucket has SST's layout (`app/<app>/<stage>.json`).
    """

    def __init__(self, *, sst: bool = False) -> None:
        self._sst = sst
        self._packed: dict[str, bool] = {}  # by app, or by key

    def unpack(self, key: str, data: bytes) -> bytes:
        """Return the bytes of an object that was read, decompressed, and remember what it was."""
        plain, was_packed = _decompress(data)
        if key.startswith(f"{_STATES}/") or not self._app(key):
            self._packed[self._group(key)] = was_packed
        elif was_packed:
            self._packed.setdefault(self._app(key), True)
        return plain

    def packs(self, key: str, store: Store) -> bool:
        """Tell whether an object is to be compressed. Looks into the store for an app of which nothing was read."""
        group, app = self._group(key), self._app(key)
        if group not in self._packed and app:
            self._look(app, store)
        return self._packed.get(group, False)

    def _look(self, app: str, store: Store) -> None:
        for prefix in (f"{_STATES}/{app}/", f"{_STATES}/"):
            for key in store.list(prefix):
                store.get(key)  # which remembers it
                self._packed.setdefault(app, self._packed.get(self._group(key), False))
                return
        self._packed[app] = False

    def _app(self, key: str) -> str:
        kind, _, rest = key.partition("/")
        return rest.partition("/")[0] if self._sst and kind in _KINDS and "/" in rest else ""

    def _group(self, key: str) -> str:
        return self._app(key) or key


def _decompress(data: bytes) -> tuple[bytes, bool]:
    if not data.startswith(b"\x1f\x8b\x08"):
        return data, False
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        return data, False
    if len(plain) > _LARGEST:
        why = f"it has {len(data):,} bytes packed; a state is never that large, and it was not unpacked"
        raise StateError(f"a packed object is larger than {_LARGEST:,} bytes", why=why, todo="delete it, or restore it")
    return plain, True
