"""Encode secrets in values: `Secret` in memory, Pulumi's signature objects with ciphertext on disk."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import UNKNOWN, Secret, Value, reveal
from stateroom.state.secrets.cipher import Cipher

SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks an object that is not a plain value (Pulumi sdk/go/.../sig)
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a format's constant
_PLAIN = frozenset({str, int, bool, type(None)})
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # Pulumi's placeholder for a computed value


def seal(value: Value, previous: Value, cipher: Cipher) -> Value:
    """Return the value as JSON data with its secrets encrypted.

    `previous` is the value in the file before: a secret with the same plain value keeps its ciphertext, and keys keep
    their order, so that writing an unchanged value changes nothing.

    Raises:
        TypeError, ValueError: the value is not serializable as JSON.
        PassphraseError: there is a secret to encrypt and no passphrase.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Secret):
        return _seal_secret(value, previous, cipher)
    if isinstance(value, Mapping):
        if not isinstance(previous, dict):
            return {_key(key): seal(item, None, cipher) for key, item in value.items()}
        keys = [key for key in previous if key in value]
        keys += [key for key in value if key not in previous]
        return {_key(key): seal(value[key], previous.get(key), cipher) for key in keys}
    if isinstance(value, list | tuple):
        items = previous if isinstance(previous, list) else []
        return [seal(item, items[i] if i < len(items) else None, cipher) for i, item in enumerate(value)]
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def unseal(value: Value, cipher: Cipher) -> Value:
    """Decrypt every secret to a `Secret`; other signature objects stay as they are.

    A value without secrets is returned as the same object, so that a large state is not in memory twice.
    """
    kind = type(value)
    if kind is dict:
        if value.get(SIGNATURE) == SECRET:
            return Secret(_plain_value(value, cipher))
        return _unsealed(value, value.items(), cipher)
    if kind is list:
        return _unsealed(value, enumerate(value), cipher)
    return UNKNOWN if kind is str and value == UNKNOWN_TEXT else value


def _unsealed(container: Value, items: Iterable[tuple[Value, Value]], cipher: Cipher) -> Value:
    opened = container
    for key, item in items:
        if type(item) is str and item != UNKNOWN_TEXT:
            continue
        plain = unseal(item, cipher)
        if plain is not item:
            if opened is container:
                opened = container.copy()
            opened[key] = plain
    return opened


def is_special(data: bytes) -> bool:
    """Tell whether a file needs `unseal`; most states have no secret and skip the walk."""
    return SIGNATURE.encode() in data or UNKNOWN_TEXT.encode() in data


def _key(key: Value) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a {type(key).__name__} cannot be a name")
    return key


def _seal_secret(value: Secret, previous: Value, cipher: Cipher) -> Value:
    plain = seal(reveal(value), None, cipher)
    if isinstance(previous, dict) and previous.get(SIGNATURE) == SECRET and "ciphertext" in previous:
        try:
            if _canonical(_plain_value(previous, cipher)) == _canonical(plain):
                return previous
        except PassphraseError:
            raise
        except StateError:
            pass  # the old ciphertext is damaged; the new one replaces it
    return {SIGNATURE: SECRET, "ciphertext": cipher.encrypt(json.dumps(plain))}


def _canonical(value: Value) -> str:
    return json.dumps(value, sort_keys=True)


def _plain_value(marker: dict[str, Value], cipher: Cipher) -> Value:
    """Return the value in a secret's signature object. Raises StateError, PassphraseError."""
    content = marker.get("plaintext") if "ciphertext" not in marker else cipher.decrypt(str(marker["ciphertext"]))
    text = str(content)
    try:
        return json.loads(text, object_hook=_without_inner_marker if SIGNATURE in text else None)
    except ValueError as error:
        raise StateError(
            "a secret in the state has no value", why="what it holds is not JSON", todo="restore an earlier version"
        ) from error


def _without_inner_marker(value: dict[str, Value]) -> Value:
    # Pulumi encrypts a secret subtree once, as a whole; a marker inside it carries the plain JSON text.
    if value.get(SIGNATURE) == SECRET:
        return json.loads(str(value.get("ciphertext") or value.get("plaintext") or "null"))
    return value
