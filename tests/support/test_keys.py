"""Keys of pure tests are cheap, differ from real ones, and stay among pure tests."""

from __future__ import annotations

import hashlib

import pytest

from stateroom.state.secrets import cipher
from tests.support.keys import CheapKeys


def rounds_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rounds of each derivation from now on."""
    seen: list[int] = []
    derive = hashlib.pbkdf2_hmac

    def counting(name: str, phrase: bytes, salt: bytes, rounds: int, length: int) -> bytes:
        seen.append(rounds)
        return derive(name, phrase, salt, 2, length)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    return seen


def test_only_the_key_of_a_salt_that_was_made_up_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = rounds_of(monkeypatch)
    CheapKeys().hold(monkeypatch)
    made_up = cipher.fresh_salt("correct horse")
    assert cipher.unlock("correct horse", made_up) is not None
    assert cipher.unlock("another", made_up) is None
    assert set(seen) == {1}
    cipher.unlock("correct horse", "v1:AAAAAAAAAAA=:v1:AAAA:AAAA")
    assert seen[-1] == 1_000_000


def test_a_cheap_key_is_forgotten_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        rounds_of(patch)
        CheapKeys().hold(patch)
        made_up = cipher.fresh_salt("a phrase of this test")
    cipher.unlock.cache_clear()
    assert cipher.unlock("a phrase of this test", made_up) is None, "the real key is another"
    assert cipher.fresh_salt("a phrase of this test") != made_up
    cipher.unlock.cache_clear()  # which says now that this passphrase is wrong
