"""Marked resources: the targets of the next operation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from stateroom.ui.deck.deck_model import Address


class Marks:
    """A set of addresses that keeps the order of marking. It outlives filters and new readings."""

    def __init__(self) -> None:
        self._addresses: dict[Address, None] = {}

    def __contains__(self, address: object) -> bool:
        return address in self._addresses

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)

    def of(self, service: str) -> Iterator[Address]:
        """Yield the marks in one service; "" for all."""
        return (address for address in self._addresses if service in ("", address[0]))

    def toggle(self, addresses: Iterable[Address]) -> None:
        """Mark all of these; if all are marked already, unmark them."""
        chosen = dict.fromkeys(addresses)
        if all(address in self._addresses for address in chosen):
            for address in chosen:
                del self._addresses[address]
        else:
            self._addresses.update(chosen)

    def clear(self) -> bool:
        """Unmark everything; returns False when nothing was marked."""
        had = bool(self._addresses)
        self._addresses.clear()
        return had

    def keep(self, existing: Collection[Address]) -> None:
        """Unmark what no longer exists."""
        self._addresses = {address: None for address in self._addresses if address in existing}
