"""The clouds that a project's services live in: one provider for each region, made when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from stateroom.cloud.provider import Identity, Provider


class Regions:
    """Providers by region; may be asked from many threads. `make` opens the provider of a region and calls nothing."""

    def __init__(self, make: Callable[[str], Provider]) -> None:
        self._make = make
        self._providers: dict[str, Provider] = {}
        self._lock = threading.Lock()

    def provider(self, region: str) -> Provider:
        """The region's provider."""
        with self._lock:
            if region not in self._providers:
                self._providers[region] = self._make(region)
            return self._providers[region]

    @property
    def names(self) -> tuple[str, ...]:
        """The regions that were needed so far."""
        return tuple(self._providers)

    @property
    def known_identity(self) -> Identity | None:
        """Who the calls are made as, if any region was told already. Asks nobody."""
        identities = (provider.known_identity() for provider in tuple(self._providers.values()))
        return next((identity for identity in identities if identity), None)
