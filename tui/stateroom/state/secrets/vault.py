"""Vaults in which a team shares passphrases: SSM parameters, or objects next to the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from stateroom.errors import StateConflictError, StateError
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.store import Store

NEXT: Final = ".next"
"""Ends the place that a rotation keeps the new passphrase in until everything is encrypted with it."""

_DESCRIPTION = "DO NOT DELETE STATE WILL BECOME UNRECOVERABLE"  # SST's own words, which its users search for


class Vault(Protocol):
    """Passphrases by place, `<app>/<stage>`. Methods raise StateError when the vault cannot be reached."""

    @property
    def origin(self) -> str:
        """Name of the vault in the title line and in messages."""

    def name(self, place: str) -> str:
        """Return the vault's name for the entry of a place."""

    def get(self, place: str) -> str | None:
        """Return the passphrase, or None."""

    def places(self, app: str = "") -> Iterator[str]:
        """Yield the places of which there is a passphrase, without reading any; `app`: only its own."""

    def create(self, place: str, phrase: str) -> None:
        """Create a passphrase. Raises StateConflictError when there is another."""

    def replace(self, place: str, phrase: str) -> None:
        """Set a passphrase, overwriting any other."""

    def delete(self, place: str) -> None:
        """Delete a passphrase; a missing one is a success."""


@dataclass(frozen=True, slots=True)
class ParameterVault:
    """SSM parameters of one region, `<prefix><app>/<stage>`, encrypted by KMS.

    `parameters` is asked when the first passphrase is wanted.
    """

    parameters: Callable[[], Parameters]
    prefix: str  # "/sst/passphrase/"
    origin: str = "SSM"

    def name(self, place: str) -> str:
        """Return the parameter's name."""
        return f"{self.prefix}{place}"

    def get(self, place: str) -> str | None:
        """Return the parameter's value."""
        found = self.parameters().get(self.name(place))
        return found.value if found else None

    def places(self, app: str = "") -> Iterator[str]:
        """Yield the names of the parameters, without the prefix."""
        for name in self.parameters().below(f"{self.prefix}{app}".rstrip("/")):
            yield name.removeprefix(self.prefix)

    def create(self, place: str, phrase: str) -> None:
        """Create the parameter."""
        self.parameters().create(self.name(place), phrase, secret=True, description=_DESCRIPTION)

    def replace(self, place: str, phrase: str) -> None:
        """Overwrite the parameter."""
        self.parameters().replace(self.name(place), phrase, secret=True)

    def delete(self, place: str) -> None:
        """Delete the parameter."""
        self.parameters().delete(self.name(place))


@dataclass(frozen=True, slots=True)
class ObjectVault:
    """Objects `passphrase/<app>/<stage>` in the state's own store, as SST does without SSM."""

    store: Store
    suffix: str = ""
    origin: str = "home"

    def name(self, place: str) -> str:
        """Return the object's key."""
        return f"passphrase/{place}{self.suffix}"

    def get(self, place: str) -> str | None:
        """Return the object's text."""
        blob = self.store.get(self.name(place))
        try:
            return blob.data.decode().strip() if blob else None
        except UnicodeDecodeError as error:
            raise StateError(f"{self.name(place)} is not a passphrase", why="it is no text") from error

    def places(self, app: str = "") -> Iterator[str]:
        """Yield the names of the objects, without prefix and suffix."""
        prefix = "passphrase/"
        for key in self.store.list(f"{prefix}{app}/" if app else prefix):
            if key.endswith(self.suffix):
                yield key.removeprefix(prefix).removesuffix(self.suffix)

    def create(self, place: str, phrase: str) -> None:
        """Create the object."""
        try:
            self.store.put(self.name(place), phrase.encode(), if_none_match=True)
        except StateConflictError:
            if self.get(place) != phrase:
                raise

    def replace(self, place: str, phrase: str) -> None:
        """Overwrite the object."""
        self.store.put(self.name(place), phrase.encode())

    def delete(self, place: str) -> None:
        """Delete the object."""
        self.store.delete(self.name(place))
