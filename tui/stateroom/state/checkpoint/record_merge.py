"""Merge a snapshot's records with the other resources of its checkpoint, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypedDict

from stateroom.errors import StateError
from stateroom.model.resource import Record, Snapshot
from stateroom.state.checkpoint.ordering import in_dependency_order
from stateroom.state.checkpoint.resource_codec import (
    LINEAGE,
    Raw,
    is_record,
    provider_resource,
    stack_resource,
    to_resource,
)
from stateroom.state.checkpoint.tokens import Urns, name_in, token_of
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import seal

Identity: TypeAlias = tuple[str, str, str, bool]
"""What tells one resource of a file from another: logical id, type, physical id, condemned."""


def identity_of(record: Record) -> Identity:
    """Return the identity of a record."""
    return record.logical_id, record.type, record.physical_id, record.condemned


class Place(TypedDict):
    """Account and region of a state's resources."""

    account: str
    region: str


def place_of(provider: Raw) -> Place:
    """Return account and region of a provider resource."""
    inputs = provider.get("inputs") or {}
    return {"account": str(inputs.get("accountId") or ""), "region": str(inputs.get("region") or "")}


def merged_resources(
    snapshot: Snapshot,
    old: list[Raw],
    known: dict[Identity, tuple[Record, Raw]],
    cipher: Cipher,
    *,
    reuse: bool = True,
) -> list[Raw]:
    """Merge a snapshot's records and the file's other resources into one list that keeps the integrity rules.

    An unchanged record is the resource that was read, as the same object. Resources of other tools keep their
    positions; records take theirs in the snapshot's order.

    Args:
        snapshot: what to store.
        old: the resources of the file that it was read from.
        known: of those, the records and what each was decoded to.
        cipher: encrypts what is new.
        reuse: False when the old resources hold plain secrets and must not be taken over.

    Raises:
        StateError: an output cannot be stored, or references form a circle.
        PassphraseError: there are secrets to encrypt and no passphrase.
    """
    return _Merge(snapshot, old, known, cipher, reuse).resources()


class _Merge:
    """State of one `merged_resources` call."""

    def __init__(
        self,
        snapshot: Snapshot,
        old: list[Raw],
        known: dict[Identity, tuple[Record, Raw]],
        cipher: Cipher,
        reuse: bool,
    ) -> None:
        self._snapshot = snapshot
        self._old = old
        self._known = known
        self._cipher = cipher
        self._reuse = reuse
        self._urns = Urns(snapshot.service, snapshot.stage)
        scaffold = (self._urns.stack, self._urns.provider)
        self._before = {raw["urn"]: raw for raw in old if raw["urn"] in scaffold}
        self._foreign = [raw for raw in old if not is_record(raw) and raw["urn"] not in scaffold]

    def resources(self) -> list[Raw]:
        snapshot = self._snapshot
        emptied = bool(self._known) or not self._old
        left = snapshot.records or snapshot.outputs or snapshot.pending
        if not left and not self._foreign and emptied:
            return []  # nothing left: as SST leaves the state after a remove
        scaffold = self._scaffold()
        ours = iter(self._records(scaffold))
        result = [raw for urn, raw in scaffold.items() if urn not in self._before]
        for raw in self._old:
            if is_record(raw):
                result += [item for item in (next(ours, None),) if item]
            else:
                result.append(scaffold.get(raw["urn"], raw))
        return in_dependency_order([*result, *ours])

    def _records(self, scaffold: dict[str, Raw]) -> Iterator[Raw]:
        urns = [self._urn(record) for record in self._snapshot.records]
        existing = {*urns, *scaffold, *(raw["urn"] for raw in self._foreign)}
        names: dict[str, str] = {}
        for record, urn in zip(self._snapshot.records, urns, strict=True):
            if not record.condemned or record.logical_id not in names:
                names[record.logical_id] = urn
        for record in self._snapshot.records:
            former, raw = self._known.get(identity_of(record), (None, {}))
            if former is record and self._reuse and existing.issuperset(raw.get("dependencies") or ()):
                yield raw
            else:
                dependencies = _dependencies(record, raw, names, existing)
                yield to_resource(record, _pruned(raw, existing), self._urns, dependencies, self._cipher)

    def _urn(self, record: Record) -> str:
        if known := self._known.get(identity_of(record)):
            return str(known[1]["urn"])
        return self._urns.of(token_of(record.type), record.logical_id)

    def _scaffold(self) -> dict[str, Raw]:
        """Return the root stack, which holds the outputs, and the provider with account and region."""
        snapshot, scaffold = self._snapshot, dict(self._before)
        place: Place = {"account": snapshot.account, "region": snapshot.region}
        provider = self._before.get(self._urns.provider)
        if snapshot.records or snapshot.pending or any(place.values()):
            scaffold.setdefault(self._urns.stack, stack_resource(self._urns))
            if provider is None or place_of(provider) != place:
                fresh = provider_resource(self._urns, snapshot.account, snapshot.region)
                scaffold[self._urns.provider] = {**fresh, **(provider or {}), "inputs": fresh["inputs"]}
                scaffold[self._urns.provider]["outputs"] = fresh["outputs"]
        if snapshot.lineage and self._urns.stack in scaffold:
            stack = scaffold[self._urns.stack]
            inputs = {**(stack.get("inputs") or {}), LINEAGE: snapshot.lineage}
            scaffold[self._urns.stack] = {**stack, "inputs": inputs}
        stack = scaffold.get(self._urns.stack, {})
        outputs = self._outputs(stack)
        if outputs or stack.get("outputs"):
            scaffold[self._urns.stack] = {**(stack or stack_resource(self._urns)), "outputs": outputs}
        # The stack comes first: the provider is its child.
        return dict(sorted(scaffold.items(), key=lambda item: item[0] != self._urns.stack))

    def _outputs(self, stack: Raw) -> Raw:
        try:
            sealed: Raw = seal(self._snapshot.outputs, stack.get("outputs"), self._cipher)
        except (TypeError, ValueError) as error:
            raise StateError("an output holds a value that a state cannot hold", why=str(error)) from error
        return sealed


def _dependencies(record: Record, raw: Raw, names: dict[str, str], existing: set[str]) -> list[str]:
    """Return the URNs of a record's dependencies, without those that the state no longer has."""
    before = {name_in(urn): urn for urn in raw.get("dependencies") or () if urn in existing}
    urns = (before.get(name) or names.get(name) for name in record.dependencies)
    return [urn for urn in urns if urn]


def _pruned(raw: Raw, existing: set[str]) -> Raw:
    wanted = raw.get("propertyDependencies")
    if not wanted:
        return raw
    kept = {name: [urn for urn in urns or () if urn in existing] for name, urns in wanted.items()}
    return {**raw, "propertyDependencies": kept}
