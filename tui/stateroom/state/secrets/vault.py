"""Where a team shares the passphrases of its states: SSM parameters, or objects beside the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stateroom.errors import StateConflictError, StateError
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.store import Store

_DESCRIPTION = "DO NOT DELETE STATE WILL BECOME UNRECOVERABLE"  # SST's own words, which its users search for


class Vault(Protocol):
    """Passphrases by place, `<app>/<stage>`. Methods raise StateError when the vault cannot be reached."""

    @property
    def origin(self) -> str:
        """What the title line and messages call it."""

    def name(self, place: str) -> str:
        """What the entry of a place is called there."""

    def get(self, place: str) -> str | None:
        """The passphrase, or None."""

    def create(self, place: str, phrase: str) -> None:
        """Keep a passphrase where there is none. Raises StateConflictError when there is another."""

    def replace(self, place: str, phrase: str) -> None:
        """Keep a passphrase, whatever was there."""

    def delete(self, place: str) -> None:
        """Forget it; none there is a success."""


@dataclass(frozen=True, slots=True)
class ParameterVault:
    """SSM parameters of one region, `<prefix><app>/<stage>`, encrypted by KMS.

    `parameters` is asked when the first passphrase is wanted.
    """

    parameters: Callable[[], Parameters]
    prefix: str  # "/sst/passphrase/"
    origin: str = "SSM"

    def name(self, place: str) -> str:
        """The parameter's name."""
        return f"{self.prefix}{place}"

    def get(self, place: str) -> str | None:
        """The parameter's value."""
        found = self.parameters().get(self.name(place))
        return found.value if found else None

    def create(self, place: str, phrase: str) -> None:
        """A new parameter."""
        self.parameters().create(self.name(place), phrase, secret=True, description=_DESCRIPTION)

    def replace(self, place: str, phrase: str) -> None:
        """The parameter, overwritten."""
        self.parameters().replace(self.name(place), phrase, secret=True)

    def delete(self, place: str) -> None:
        """The parameter, deleted."""
        self.parameters().delete(self.name(place))


@dataclass(frozen=True, slots=True)
class ObjectVault:
    """Objects `passphrase/<app>/<stage>` in the state's own store, as SST does where it has nothing better."""

    store: Store
    suffix: str = ""
    origin: str = "home"

    def name(self, place: str) -> str:
        """The object's key."""
        return f"passphrase/{place}{self.suffix}"

    def get(self, place: str) -> str | None:
        """The object's text."""
        blob = self.store.get(self.name(place))
        try:
            return blob.data.decode().strip() if blob else None
        except UnicodeDecodeError as error:
            raise StateError(f"{self.name(place)} is not a passphrase", why="it is no text") from error

    def create(self, place: str, phrase: str) -> None:
        """A new object."""
        try:
            self.store.put(self.name(place), phrase.encode(), if_none_match=True)
        except StateConflictError:
            if self.get(place) != phrase:
                raise

    def replace(self, place: str, phrase: str) -> None:
        """The object, overwritten."""
        self.store.put(self.name(place), phrase.encode())

    def delete(self, place: str) -> None:
        """The object, deleted."""
        self.store.delete(self.name(place))
