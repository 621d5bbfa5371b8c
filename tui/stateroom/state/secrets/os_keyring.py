"""Access to the operating system's keyring, with deadlines and one error.

A keyring can be absent, locked, a plaintext file in disguise, or hang without end on a half-broken desktop session. So
only real backends are used, every call has a deadline, and every failure becomes one `KeyringUnusableError`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

SERVICE = "stateroom"
_REFUSED = ("plaintext", "null", "fail")


class KeyringUnusableError(Exception):
    """Error for a missing or unusable keyring; the text is the reason and never holds a value."""


class Keyring(Protocol):
    """Store of passphrases by user, kept between sessions. Methods raise KeyringUnusableError."""

    def get(self, user: str) -> str | None:
        """Return the passphrase of `user`, or None."""

    def set(self, user: str, phrase: str) -> None:
        """Store the passphrase, durable on return."""

    def delete(self, user: str) -> None:
        """Delete the passphrase; a missing one is a success."""

    def name(self) -> str:
        """Return the keyring's own name: "SecretService Keyring"."""


class SystemKeyring:
    """Keyring of the operating system. Does nothing until its first call.

    Args:
        backend: gives the backend that the `keyring` library has chosen.
        deadline: seconds that one call may take.
    """

    def __init__(self, backend: Callable[[], Any] | None = None, deadline: float = 3.0) -> None:
        self._backend = backend or _chosen_backend
        self._deadline = deadline
        self._unusable = ""

    def get(self, user: str) -> str | None:
        """Return the passphrase of `user`, or None."""
        found: str | None = self._within_deadline(lambda: self._real().get_password(SERVICE, user))
        return found

    def set(self, user: str, phrase: str) -> None:
        """Store the passphrase and read it back: some backends report success and keep nothing."""

        def work() -> bool:
            backend = self._real()
            backend.set_password(SERVICE, user, phrase)
            return bool(backend.get_password(SERVICE, user) == phrase)

        if not self._within_deadline(work):
            raise KeyringUnusableError("the keyring did not keep what was stored")

    def delete(self, user: str) -> None:
        """Delete the passphrase, and check that it is gone."""

        def work() -> bool:
            backend = self._real()
            if backend.get_password(SERVICE, user) is not None:
                backend.delete_password(SERVICE, user)
            return backend.get_password(SERVICE, user) is None

        if not self._within_deadline(work):
            raise KeyringUnusableError("the keyring did not forget what was stored")

    def name(self) -> str:
        """Return the backend's own name."""
        return str(self._within_deadline(lambda: _name(self._real())))

    def problem(self) -> str:
        """Return why the keyring cannot be used; empty when it can. Stores nothing."""
        try:
            self._within_deadline(self._real)
            self.get("stateroom keyring probe")
        except KeyringUnusableError as error:
            return str(error)
        return ""

    def _real(self) -> Any:
        chosen = self._backend()
        for backend in _unchained(chosen):
            if _is_real(backend):
                return backend
        raise KeyringUnusableError(f"no keyring here keeps secrets safely (found {type(chosen).__name__})")

    def _within_deadline(self, work: Callable[[], Any]) -> Any:
        if self._unusable:
            raise KeyringUnusableError(self._unusable)
        result: list[Any] = []
        problem: list[Exception] = []

        def run() -> None:
            try:
                result.append(work())
            except Exception as error:
                # D-Bus libraries leak exceptions of their own; all of them mean the same to us.
                problem.append(error)

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._deadline)
        if result:
            return result[0]
        if not problem:
            self._unusable = f"the keyring did not answer within {self._deadline:g} seconds"
            raise KeyringUnusableError(self._unusable)
        if isinstance(problem[0], KeyringUnusableError):
            raise problem[0]
        name = type(problem[0]).__name__
        raise KeyringUnusableError("the keyring is locked" if "Locked" in name else f"the keyring refused ({name})")


def _chosen_backend() -> Any:
    import keyring  # 60 ms, and 100 more for its scan of backends: only when a passphrase is needed

    return keyring.get_keyring()


def _name(backend: Any) -> str:
    return str(getattr(backend, "name", "") or type(backend).__name__)


def _unchained(backend: Any) -> Iterable[Any]:
    inner = getattr(backend, "backends", None)
    return list(inner) if inner else [backend]


def _is_real(backend: Any) -> bool:
    name = f"{type(backend).__module__}.{type(backend).__qualname__}".lower()
    return float(backend.priority) >= 1 and not any(word in name for word in _REFUSED)
