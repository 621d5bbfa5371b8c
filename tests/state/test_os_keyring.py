"""The system's keyring in its bad moods: absent, plaintext, null, locked, refusing, hanging."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from stateroom.state.secrets.os_keyring import KeyringUnusableError, SystemKeyring


class SecretService:
    """Stands in for a real backend."""

    priority = 5.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, phrase: str) -> None:
        self.kept[service, user] = phrase


class PlaintextKeyring(SecretService):
    pass


class NullKeyring(SecretService):
    priority = 1.0


class FailKeyring(SecretService):
    pass


class Feeble(SecretService):
    priority = 0.5


class Forgetful(SecretService):
    def set_password(self, service: str, user: str, phrase: str) -> None:
        pass


class KeyringLocked(Exception):
    pass


class Locked(SecretService):
    def get_password(self, service: str, user: str) -> str | None:
        raise KeyringLocked("prompt dismissed for hunter2")


class Leaky(SecretService):
    def get_password(self, service: str, user: str) -> str | None:
        raise RuntimeError("org.freedesktop.DBus.Error: hunter2")


class Chainer:
    priority = 10.0

    def __init__(self, *backends: SecretService) -> None:
        self.backends = backends


def keyring(backend: Any) -> SystemKeyring:
    return SystemKeyring(lambda: backend)


def test_a_real_keyring_keeps_and_gives_back() -> None:
    backend = SecretService()
    keyring(backend).set("home#orders/dev", "phrase")
    assert keyring(backend).get("home#orders/dev") == "phrase"
    assert keyring(backend).get("home#other/dev") is None
    assert list(backend.kept) == [("stateroom", "home#orders/dev")]


@pytest.mark.parametrize(
    "backend", [PlaintextKeyring(), NullKeyring(), FailKeyring(), Feeble(), Chainer(NullKeyring())]
)
def test_what_only_looks_like_a_keyring_is_never_given_a_passphrase(backend: Any) -> None:
    with pytest.raises(KeyringUnusableError, match="keeps secrets safely"):
        keyring(backend).set("user", "phrase")
    assert not getattr(backend, "kept", None)


def test_behind_a_chainer_the_real_one_is_found() -> None:
    plain, real = PlaintextKeyring(), SecretService()
    keyring(Chainer(plain, real)).set("user", "phrase")
    assert (plain.kept, list(real.kept.values())) == ({}, ["phrase"])


def test_a_keyring_that_keeps_nothing_is_found_out() -> None:
    with pytest.raises(KeyringUnusableError, match="did not keep"):
        keyring(Forgetful()).set("user", "phrase")


@pytest.mark.parametrize(("backend", "message"), [(Locked(), "the keyring is locked"), (Leaky(), "RuntimeError")])
def test_errors_become_one_kind_and_repeat_nothing_that_the_backend_said(backend: Any, message: str) -> None:
    with pytest.raises(KeyringUnusableError, match=message) as caught:
        keyring(backend).get("user")
    assert "hunter2" not in str(caught.value)


def test_without_any_keyring_the_librarys_own_placeholder_is_refused() -> None:
    with pytest.raises(KeyringUnusableError):
        SystemKeyring().get("user")


class Hanging(SecretService):
    """Answers nobody until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released, self.asked = threading.Event(), 0

    def get_password(self, service: str, user: str) -> str | None:
        self.asked += 1
        self.released.wait(60)
        return None


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    backend = Hanging()
    yield backend
    backend.released.set()


def test_a_keyring_that_hangs_is_given_up_once_for_all(hanging: Hanging) -> None:
    slow = SystemKeyring(lambda: hanging, deadline=0.05)
    for _ in range(100):
        with pytest.raises(KeyringUnusableError, match="did not answer"):
            slow.get("user")
    assert hanging.asked == 1, "only the first call waits"
