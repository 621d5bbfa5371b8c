"""Providers of a project by region, opened when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from stateroom.cloud.provider import Identity, Provider


class Regions:
    """Providers by region. Thread-safe. `make` opens the provider of a region and calls nothing."""

    def __init__(self, make: Callable[[str], Provider]) -> None:
        self._make = make
        self._providers: dict[str, Provider] = {}
        self._lock = threading.Lock()

    def provider(self, region: str) -> Provider:
        """Return the region's provider."""
        with self._lock:
            if region not in self._providers:
                self._providers[region] = self._make(region)
            return self._providers[region]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the regions in use so far."""
        return tuple(self._providers)

    @property
    def known_identity(self) -> Identity | None:
        """Return the cached identity of any region, without a call."""
        identities = (provider.known_identity() for provider in tuple(self._providers.values()))
        return next((identity for identity in identities if identity), None)
