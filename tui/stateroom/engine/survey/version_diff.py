"""Compare two states of a service: resources added, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stateroom.engine.requests import Cockpit
from stateroom.model.compare import differences, same
from stateroom.model.diff import AttributeDiff, Mark, Path
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import ABSENT, Value
from stateroom.model.version import Version


@dataclass(frozen=True, slots=True)
class Changed:
    """Changed resource. Attributes are the requested ones, then the observed ones."""

    before: Record
    after: Record
    attributes: tuple[tuple[Path, Value, Value], ...]

    def named(self) -> Iterator[tuple[str, Value, Value]]:
        """Yield the attributes with their display paths."""
        for path, before, after in self.attributes:
            yield AttributeDiff(path, Mark.UNKNOWN, None, before, after).name, before, after


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Difference of two states."""

    created: tuple[Record, ...] = ()
    updated: tuple[Changed, ...] = ()
    deleted: tuple[Record, ...] = ()
    outputs: tuple[tuple[str, Value, Value], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether both states are equal."""
        return not (self.created or self.updated or self.deleted or self.outputs)


def count_changes(cockpit: Cockpit, service: str, version: Version) -> Version:
    """Return the version with its changes counted against the one before.

    Reads two states, unless the version has the counts already.

    Raises:
        StateError, PassphraseError: one of the two cannot be read.
    """
    if version.counted or not version.stored:
        return version
    before = cockpit.version(service, version.name)[1]
    past = cockpit.snapshot(service, before.name) if before and before.stored else None
    change = compare(past, cockpit.snapshot(service, version.name))
    created, updated, deleted = map(len, (change.created, change.updated, change.deleted))
    return replace(version, counted=True, created=created, updated=updated, deleted=deleted)


def compare(before: Snapshot | None, after: Snapshot | None) -> VersionComparison:
    """Compare two states; None is an empty one."""
    old = before.by_id() if before else {}
    new = after.by_id() if after else {}
    changed = (_changed(old[name], record) for name, record in new.items() if name in old)
    outputs_before, outputs_after = (dict(item.outputs) if item else {} for item in (before, after))
    return VersionComparison(
        created=tuple(record for name, record in new.items() if name not in old),
        updated=tuple(item for item in changed if item is not None),
        deleted=tuple(record for name, record in old.items() if name not in new),
        outputs=tuple(
            (name, outputs_before.get(name, ABSENT), outputs_after.get(name, ABSENT))
            for name in {**outputs_before, **outputs_after}
            if not same(outputs_before.get(name, ABSENT), outputs_after.get(name, ABSENT))
        ),
    )


def _changed(before: Record, after: Record) -> Changed | None:
    found = list(differences(dict(before.inputs), dict(after.inputs)))
    seen = {path for path, _, _ in found}
    found += [item for item in differences(dict(before.observed), dict(after.observed)) if item[0] not in seen]
    if before.physical_id != after.physical_id:
        found.insert(0, (("physical id",), before.physical_id, after.physical_id))
    return Changed(before, after, tuple(found)) if found else None
