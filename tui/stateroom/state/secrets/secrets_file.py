"""Read and write SST's secrets: one encrypted object for a stage, or for all stages.

The object is binary in spite of its name: AES-256-GCM with the 32 bytes that the passphrase is the base64 of, as
nonce (12 bytes), ciphertext and tag; inside is JSON, {"Name": "value"} (anomalyco/sst pkg/project/provider).
"""

from __future__ import annotations

import binascii
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stateroom.errors import PassphraseError, StateConflictError, StateError, UsageError
from stateroom.model.values import Secret
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.cipher import Passphrase
from stateroom.state.stores.store import Blob, Store

FALLBACK = "_fallback"
"""Stands for the stage in the place of values that every stage falls back to."""

_NAME = re.compile(r"[A-Z][a-zA-Z0-9_]*")
_NONCE, _KEY = 12, 32
_GZIP = b"\x1f\x8b"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class SecretsFile:
    """Secrets of one stage, or of all stages.

    Args:
        store: where.
        key: the object's key.
        label: "ledger/dev", for messages.
        passphrase: gives the passphrase; called with True when a new one may be made up.
    """

    store: Store
    key: str
    label: str
    passphrase: Callable[[bool], Passphrase]

    def exists(self) -> bool:
        """Tell whether there is an object, without opening it."""
        return self.store.get(self.key) is not None

    def read(self) -> dict[str, Secret]:
        """Return every secret by name; empty when there is no object.

        Raises:
            PassphraseError: the passphrase is missing or is not the one.
        """
        return self._opened(self.store.get(self.key))

    def change(self, change: Callable[[dict[str, Secret]], Mapping[str, Secret]]) -> dict[str, Secret]:
        """Apply a function to the secrets, write them, and return the result.

        The write is conditional; when another writer was first, the function is applied again to the new secrets.

        Raises:
            PassphraseError: as `read`.
            StateError: the store refused, or others kept being faster.
        """
        for _ in range(_TRIES):
            blob = self.store.get(self.key)
            before = self._opened(blob)
            after = dict(change(dict(before)))
            if blob is not None and after == before:
                return after
            data = _sealed(after, self._key_bytes(new=blob is None))
            try:
                self.store.put(self.key, data, if_match=blob.etag if blob else None, if_none_match=blob is None)
            except StateConflictError:
                continue
            return after
        raise StateError(f"the secrets of {self.label} change too fast", todo="wait a moment and try again")

    def sealed(self, secrets: Mapping[str, Secret]) -> bytes:
        """Return the encrypted object with these secrets. Raises PassphraseError."""
        return _sealed(secrets, self._key_bytes(new=False))

    def _opened(self, blob: Blob | None) -> dict[str, Secret]:
        if blob is None:
            return {}
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._key_bytes(new=False)
        try:
            plain = AESGCM(key).decrypt(blob.data[:_NONCE], blob.data[_NONCE:], None)
            body = json.loads(plain)
        except (InvalidTag, ValueError) as error:
            raise PassphraseError(
                f"{self.passphrase(False)} does not open the secrets of {self.label}",
                why="it is another one, or the object is damaged",
                todo="`stateroom passphrase status` shows where passphrases are kept and which fit",
            ) from error
        return {str(name): Secret(value) for name, value in body.items()}

    def _key_bytes(self, *, new: bool) -> bytes:
        passphrase = self.passphrase(new)
        key = key_of(passphrase)
        if key is None:
            raise PassphraseError(
                f"{passphrase} is not one that SST's secrets can be encrypted with",
                why="SST takes base64 of 32 bytes",
                todo="`stateroom passphrase status` shows where passphrases are kept and which fit",
            )
        return key


def key_of(passphrase: Passphrase) -> bytes | None:
    """Return the key that a passphrase of SST's is: base64 of 32 bytes; None for another text."""
    try:
        key = binascii.a2b_base64(passphrase.phrase.reveal(), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == _KEY else None


def secrets_key(names: type[ObjectNames], app: str, stage: str) -> str:
    """Return the key of the object with a stage's secrets."""
    return f"secret/{app}/{stage}{names.SUFFIX}"


def check_name(name: str) -> str:
    """Return the name if SST accepts it. Raises UsageError."""
    if _NAME.fullmatch(name):
        return name
    raise UsageError(
        f"{name!r} cannot be the name of a secret",
        why="SST wants a capital letter first, then letters, digits and _",
        todo=f"try {name[:1].upper() + re.sub('[^a-zA-Z0-9_]', '_', name[1:])}" if name[:1].isalpha() else "",
    )


def _sealed(secrets: Mapping[str, Secret], key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    while nonce.startswith(_GZIP):  # SST would take the object for gzip and could not read it
        nonce = os.urandom(_NONCE)
    plain = json.dumps({name: secret.reveal() for name, secret in secrets.items()}).encode()
    return nonce + AESGCM(key).encrypt(nonce, plain, None)
