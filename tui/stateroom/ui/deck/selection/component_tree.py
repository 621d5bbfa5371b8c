"""Tree of components and their parts: folding, and the rows that a filter keeps. Pure data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from stateroom.model.diff import ResourceDiff
from stateroom.ui.deck.deck_model import Address
from stateroom.ui.deck.selection.filters import ResourceFilter


@dataclass(frozen=True, slots=True)
class Branch:
    """Position of a resource in the tree, and the number of its parts."""

    depth: int = 0
    below: int = 0  # parts, and parts of parts
    folded: bool = False


_LEAF = Branch()


class ComponentTree:
    """Rows of resources that come in tree order: each after its component, parts together.

    A filter opens every fold and keeps the components around its hits; without the filter the folds are back.
    """

    def __init__(self) -> None:
        self.hits = 0  # resources that pass the filter
        self._folded: set[Address] = set()
        self._branches: dict[Address, Branch] = {}
        self._parents: dict[Address, Address] = {}
        self._around: set[Address] = set()
        self._hits: frozenset[Address] | None = None  # None: all
        self._open = False  # a filter shows what is folded

    def __bool__(self) -> bool:
        """Tell whether there are components at all; without them this is a plain list."""
        return bool(self._parents)

    def arrange(self, diffs: Sequence[ResourceDiff], keep: ResourceFilter) -> list[ResourceDiff]:
        """Return the resources to show."""
        self._parents = _parents(diffs)
        self._open = bool(keep)
        hits = [diff for diff in diffs if keep(diff)] if keep else list(diffs)
        self.hits = len(hits)
        self._hits = frozenset(map(_address, hits)) if keep else None
        if not self._parents:
            self._branches, self._around = {}, set()
            return hits
        self._measure(diffs)
        found = {_address(diff) for diff in hits}
        self._around = {above for address in found for above in self.above(address)} - found
        shown = found | self._around
        return [diff for diff in diffs if (own := _address(diff)) in shown and not self._hidden(own)]

    def _measure(self, diffs: Sequence[ResourceDiff]) -> None:
        below: Counter[Address] = Counter()
        for diff in reversed(diffs):
            own = _address(diff)
            if own in self._parents:
                below[self._parents[own]] += 1 + below[own]
        self._branches = {}
        for diff in diffs:
            own = _address(diff)
            parent = self._branches.get(self._parents[own]) if own in self._parents else None
            folded = own in self._folded and not self._open
            self._branches[own] = Branch(parent.depth + 1 if parent else 0, below[own], folded)

    def _hidden(self, address: Address) -> bool:
        return not self._open and any(above in self._folded for above in self.above(address))

    # Questions of the list.

    def hides(self, address: Address) -> bool:
        """Tell whether the filter or a fold keeps a resource out of sight."""
        return self._hidden(address) or (self._hits is not None and address not in self._hits)

    def branch(self, address: Address) -> Branch:
        """Return the position of a resource."""
        return self._branches.get(address, _LEAF)

    def above(self, address: Address) -> Iterator[Address]:
        """Yield the components that it is a part of, the nearest first."""
        while address in self._parents:
            address = self._parents[address]
            yield address

    def below(self, address: Address) -> list[Address]:
        """List its parts, and their parts."""
        return [other for other in self._parents if address in self.above(other)]

    def holding(self, addresses: Collection[Address]) -> set[Address]:
        """Return the components that hold some of these resources."""
        return {above for address in addresses for above in self.above(address)} if self._parents else set()

    def only_around_hits(self, address: Address) -> bool:
        """Tell whether it is shown only because the filter has found one of its parts."""
        return address in self._around

    # Actions of keys.

    def fold(self, address: Address, *, folded: bool) -> bool:
        """Fold or open a component; returns False when it has no parts or is so already."""
        branch = self.branch(address)
        if self._open or not branch.below or branch.folded is folded:
            return False
        (self._folded.add if folded else self._folded.discard)(address)
        return True

    def fold_all(self) -> bool:
        """Fold every component, or open them when all are folded; returns whether they are folded now."""
        components = {address for address, branch in self._branches.items() if branch.below}
        folding = not components <= self._folded
        self._folded = self._folded | components if folding else self._folded - components
        return folding


def _address(diff: ResourceDiff) -> Address:
    return diff.service, diff.logical_id


def _parents(diffs: Sequence[ResourceDiff]) -> dict[Address, Address]:
    """Map each part to its component. A component that comes later, or not at all, does not count: no cycles."""
    parts = [diff for diff in diffs if diff.parent]
    if not parts:
        return {}
    seen: set[Address] = set()
    parents: dict[Address, Address] = {}
    for diff in diffs:
        if (diff.service, diff.parent) in seen:
            parents[_address(diff)] = diff.service, diff.parent
        seen.add(_address(diff))
    return parents
