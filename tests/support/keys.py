"""Keys of pure tests, cheap where nobody but the test itself decrypts: a real one takes a million rounds.

Cheap is the key of a salt that a pure test had made up; of any other salt, such as Pulumi's, the key is the real one.
The product remembers keys for as long as its process runs; those of pure tests are remembered apart from the others.
"""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache
from typing import Any

import pytest

from stateroom.state.secrets import cipher

_salt: Any = cipher.fresh_salt.__wrapped__
_key: Any = cipher._derive.__wrapped__


class CheapKeys:
    """Stands in for the product's derivation; the same one in all pure tests of a process."""

    def __init__(self) -> None:
        self._salts: set[bytes] = set()
        self._making = threading.local()
        self._fresh_salt = lru_cache(maxsize=8)(self._make_salt)
        self._derive = lru_cache(maxsize=64)(self._derive_once)

    def hold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Derive cheaply until the monkeypatch is undone."""
        monkeypatch.setattr(cipher, "fresh_salt", self._fresh_salt)
        monkeypatch.setattr(cipher, "_derive", self._derive)

    def _make_salt(self, phrase: str) -> str:
        self._making.now = True
        try:
            return str(_salt(phrase))
        finally:
            self._making.now = False

    def _derive_once(self, phrase: str, salt: bytes) -> bytes:
        if getattr(self._making, "now", False):
            self._salts.add(salt)
        if salt not in self._salts:
            return bytes(_key(phrase, salt))
        return hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, 1, 32)
