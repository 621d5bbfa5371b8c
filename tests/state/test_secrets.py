"""The cipher is Pulumi's, so that both tools can read each other's states."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import Secret
from stateroom.state.secrets import cipher as ciphers
from stateroom.state.secrets.cipher import Cipher, Passphrase
from tests.state.builders import cipher, deploy, home_in, queue, sealed_shut, snapshot

# Salt texts from Pulumi's own tests (pkg/secrets/passphrase/manager_test.go, pkg/backend/diy/backend_test.go).
PULUMI_VECTORS = [
    ("password", "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ=="),
    ("abc123", "v1:4iF78gb0nF0=:v1:Co6IbTWYs/UdrjgY:FSrAWOFZnj9ealCUDdJL7LrUKXX9BA=="),
    ("123abc", "v1:C7H2a7/Ietk=:v1:yfAd1zOi6iY9DRIB:dumdsr+H89VpHIQWdB01XEFqYaYjAg=="),
]


@pytest.mark.parametrize(("phrase", "salt"), PULUMI_VECTORS)
def test_pulumis_salts_open_with_their_passphrases(phrase: str, salt: str) -> None:
    assert ciphers.unlock(phrase, salt) is not None


@pytest.mark.parametrize(("phrase", "salt"), PULUMI_VECTORS)
def test_pulumis_salts_stay_shut_for_another_passphrase(phrase: str, salt: str) -> None:
    assert ciphers.unlock(phrase + "x", salt) is None


def test_what_one_process_encrypts_the_next_decrypts() -> None:
    first = cipher("shared")
    token = first.encrypt('"hunter2"')
    ciphers.unlock.cache_clear()
    ciphers._derive.cache_clear()
    assert cipher("shared", first.salt).decrypt(token) == '"hunter2"'


def test_the_same_text_never_encrypts_to_the_same_token() -> None:
    key = cipher()
    assert key.encrypt("1") != key.encrypt("1")


def test_a_wrong_passphrase_names_its_source_and_the_state() -> None:
    token = (owner := cipher("right")).encrypt("1")
    wrong = Cipher(lambda new: Passphrase(Secret("wrong"), "environment", "STATEROOM_PASSPHRASE"), "o/dev", owner.salt)
    with pytest.raises(PassphraseError) as caught:
        wrong.decrypt(token)
    assert "environment (STATEROOM_PASSPHRASE)" in caught.value.what
    assert "o/dev" in caught.value.what
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "v1", "v2:AAAA:AAAA", "v1:AAAA:AAAA", "v1:!!!!:AAAA", "v1::"])
def test_a_damaged_secret_is_an_error_of_the_state_not_of_the_passphrase(token: str) -> None:
    key = cipher()
    key.encrypt("1")
    with pytest.raises(StateError) as caught:
        key.decrypt(token)
    assert not isinstance(caught.value, PassphraseError)


@pytest.mark.parametrize("salt", ["x", "v2:AAAA:v1:AAAA:AAAA", "v1:%%:v1:AAAA:AAAA", "v1:AAAA:"])
def test_a_damaged_salt_is_an_error_that_says_where(salt: str) -> None:
    with pytest.raises(StateError, match="secrets_providers"):
        cipher(salt=salt).decrypt("v1:AAAA:AAAA")


def test_ciphertext_without_a_salt_never_makes_a_passphrase_up() -> None:
    with pytest.raises(StateError, match="no salt"):
        sealed_shut().decrypt("v1:AAAA:AAAA")


def test_the_slow_key_is_derived_once_for_all_services_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    derivations = 0
    real = hashlib.pbkdf2_hmac

    def counting(*arguments: Any) -> bytes:
        nonlocal derivations
        derivations += 1
        return real(*arguments)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    orders, billing = cipher("only once"), cipher("only once")
    tokens = [key.encrypt("1") for key in (orders, billing) for _ in range(3)]
    reader = cipher("only once", orders.salt)
    assert [reader.decrypt(token) for token in tokens] == ["1"] * 6
    assert derivations == 1


def test_neither_cipher_nor_passphrase_shows_the_phrase() -> None:
    phrase = Passphrase(Secret("hunter2"), "prompt")
    assert "hunter2" not in f"{phrase} {phrase!r} {cipher('hunter2')!r}"


def test_new_secrets_of_a_state_that_was_read_are_under_its_salt(tmp_path: Path) -> None:
    deploy(home_in(tmp_path), snapshot(queue(Token=Secret("hunter2"))))
    home = home_in(tmp_path)
    read = home.load("orders", "dev")
    assert read is not None
    key = home.keys.cipher("orders", "dev")
    assert key.salt
    assert home.keys.cipher("orders", "dev", key.salt) is key
    assert home.keys.cipher("orders", "dev", "v1:AAAA:v1:AAAA:AAAA").salt == "v1:AAAA:v1:AAAA:AAAA"
    assert home.keys.cipher("orders", "dev") is key
