"""Cipher for secret values: Pulumi's passphrase secrets provider, which SST uses as well.

A salt text `v1:<salt>:v1:<nonce>:<ciphertext>` is part of the state. Its key is PBKDF2-HMAC-SHA256 over the
passphrase's text, 1,000,000 rounds; the part after the salt decrypts to `pulumi` under the right passphrase. Each
secret is `v1:<nonce>:<ciphertext>`: AES-256-GCM over the JSON text of the value, all parts in base64 (pulumi/pulumi
sdk/go/common/resource/config/crypt.go, pkg/secrets/passphrase/manager.go).
"""

from __future__ import annotations

import binascii
import hashlib
import os
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ROUNDS = 1_000_000
_CHECK = "pulumi"
_derivation = threading.Lock()  # a second thread waits for the key instead of deriving it as well
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Passphrase with its source, which errors name."""

    phrase: Secret
    origin: str  # "environment", "keyring", "prompt", "given"
    detail: str = ""  # "STATEROOM_PASSPHRASE"

    def __str__(self) -> str:
        """Source of the passphrase, for messages; never the phrase itself."""
        text = _SOURCES.get(self.origin, f"the passphrase from the {self.origin}")
        return f"{text} ({self.detail})" if self.detail else text


_SOURCES = {"given": "the passphrase that was given", "prompt": "the passphrase that was typed"}


class Cipher:
    """Cipher of one state's secrets. Resolves its passphrase at the first secret.

    Args:
        passphrase: called with True when a passphrase may be made up, because nothing is encrypted yet.
        label: which state, for messages: "orders/dev".
        salt: the state's salt text; empty when it has none yet.
        other: another passphrase to try in place of one that is wrong, or None; asked until one fits.
        proved: told which passphrase was the one.
    """

    def __init__(
        self,
        passphrase: Callable[[bool], Passphrase],
        label: str,
        salt: str = "",
        other: Callable[[Passphrase], Passphrase | None] = lambda wrong: None,  # noqa: ARG005
        proved: Callable[[Passphrase], object] = lambda right: None,  # noqa: ARG005
    ) -> None:
        self._passphrase = passphrase
        self._other = other
        self._proved = proved
        self._label = label
        self._salt = salt
        self._key: bytes | None = None
        self._lock = threading.Lock()

    @property
    def salt(self) -> str:
        """Salt text to store with the ciphertext; empty until something is encrypted."""
        return self._salt

    def for_salt(self, salt: str) -> Cipher:
        """Return the cipher for a state with this salt."""
        return self if salt == self._salt else Cipher(self._passphrase, self._label, salt, self._other, self._proved)

    def encrypt(self, plain: str) -> str:
        """Encrypt a text. Raises PassphraseError."""
        return _encrypt(self._unlocked(), plain)

    def decrypt(self, token: str) -> str:
        """Decrypt a ciphertext.

        Raises:
            PassphraseError: there is no passphrase, or it is not the one.
            StateError: the ciphertext is damaged.
        """
        if not self._salt:
            raise StateError(
                f"the state of {self._label} holds encrypted values but no salt to decrypt them with",
                todo="`stateroom versions` lists earlier states; `stateroom rollback --state-only N` restores one",
            )
        try:
            return _decrypt(self._unlocked(), token)
        except ValueError as error:
            raise StateError(
                f"a secret in the state of {self._label} is damaged",
                why="it does not decrypt although the passphrase is right",
                todo="`stateroom versions` lists earlier states; `stateroom rollback --state-only N` restores one",
            ) from error

    def _unlocked(self) -> bytes:
        if self._key is None:
            with self._lock:
                if self._key is None:
                    self._key = self._unlock()
        return self._key

    def _unlock(self) -> bytes:
        passphrase = self._passphrase(not self._salt)
        phrase: str = passphrase.phrase.reveal()
        if not self._salt:
            self._salt = _locked(lambda: fresh_salt(phrase))
        tried = passphrase
        while (key := self._key_for(tried)) is None:
            other = self._other(tried)
            if other is None:
                raise PassphraseError(
                    f"{passphrase} is not the one that encrypted the state of {self._label}",
                    why="nothing was read and nothing was changed",
                    todo="give the passphrase that it was deployed with, for example in STATEROOM_PASSPHRASE",
                )
            tried = other
        self._proved(tried)
        return key

    def _key_for(self, passphrase: Passphrase) -> bytes | None:
        phrase: str = passphrase.phrase.reveal()
        return _locked(lambda: unlock(phrase, self._salt))


def _locked(work: Callable[[], T]) -> T:
    with _derivation:
        return work()


@lru_cache(maxsize=64)
def unlock(phrase: str, salt: str) -> bytes | None:
    """Derive the 32-byte key, None for a wrong passphrase; cached, half a second the first time.

    Raises:
        StateError: the salt text is not one.
    """
    try:
        version, salt_part, check = salt.split(":", 2)
        salt_bytes = _bytes(salt_part)
        if version != "v1" or not check.startswith("v1:"):
            raise ValueError(salt)
    except ValueError as error:
        raise StateError(
            "the state's secrets_providers holds no salt that stateroom can use",
            why="a text `v1:<salt>:v1:<nonce>:<ciphertext>` was expected",
            todo="`stateroom versions` lists earlier states",
        ) from error
    key = _derive(phrase, salt_bytes)
    try:
        return key if _decrypt(key, check) == _CHECK else None
    except ValueError:
        return None


@lru_cache(maxsize=8)
def fresh_salt(phrase: str) -> str:
    """Make a salt text, shared per process and passphrase because each derivation is slow."""
    salt = os.urandom(8)
    return f"v1:{b64encode(salt).decode()}:{_encrypt(_derive(phrase, salt), _CHECK)}"


@lru_cache(maxsize=64)
def _derive(phrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, _ROUNDS, 32)


@lru_cache(maxsize=64)
def _aead(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 40 ms: only for states with secrets

    return AESGCM(key)


def _encrypt(key: bytes, plain: str) -> str:
    nonce = os.urandom(12)
    ciphertext = _aead(key).encrypt(nonce, plain.encode(), None)
    return f"v1:{b64encode(nonce).decode()}:{b64encode(ciphertext).decode()}"


def _decrypt(key: bytes, token: str) -> str:
    """Decrypt a token. Raises ValueError for an invalid one or another key."""
    from cryptography.exceptions import InvalidTag

    try:
        version, nonce, ciphertext = token.split(":")
        if version != "v1":
            raise ValueError(version)
        plain = _aead(key).decrypt(_bytes(nonce), _bytes(ciphertext), None)
    except (InvalidTag, binascii.Error) as error:
        raise ValueError("not decrypted") from error
    return plain.decode()


def _bytes(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)
