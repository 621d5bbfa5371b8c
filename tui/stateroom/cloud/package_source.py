"""Where the code of functions is to be had, apart from the homes that keep it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class PackageSource(Protocol):
    """A provider that hands out the code of functions."""

    def package(self, type_: str, physical_id: str) -> bytes:
        """Return the deployment package that runs now. Raises CloudError when it cannot be had."""
