"""Changes of a past version, counted from two states when nobody has recorded them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stateroom.engine.survey.version_diff import count_changes
from stateroom.model.resource import Snapshot
from stateroom.model.version import Version, VersionName
from tests.state.builders import queue, snapshot

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECOND = Version(2, "u2", "update", "ana", NOW, NOW, counted=False)
FIRST = replace(SECOND, number=1, update_id="u1")


@dataclass
class Past:
    """A cockpit with two versions, and what was read of it."""

    before: Version | None = FIRST
    read: list[VersionName] = field(default_factory=list)

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        return SECOND, self.before

    def snapshot(self, service: str, name: VersionName) -> Snapshot:
        self.read.append(name)
        gone, kept = queue("Gone"), queue("Kept")
        changed = replace(kept, inputs={**kept.inputs, "DelaySeconds": 1})
        return snapshot(gone, kept) if name == 1 else snapshot(changed, queue("New"), queue("Newer"))


def counted(past: Any, version: Version = SECOND) -> Version:
    return count_changes(past, "orders", version)


def test_a_version_is_counted_against_the_one_before() -> None:
    found = counted(Past())
    assert (found.created, found.updated, found.deleted, found.counted) == (2, 1, 1, True)


@pytest.mark.parametrize("before", [None, replace(FIRST, stored=False)])
def test_without_a_state_before_it_all_is_new(before: Version | None) -> None:
    past = Past(before)
    found = counted(past)
    assert (found.created, found.updated, found.deleted) == (3, 0, 0)
    assert past.read == [2]


@pytest.mark.parametrize("version", [replace(SECOND, counted=True), replace(SECOND, stored=False)])
def test_nothing_is_read_for_what_is_counted_or_has_no_state(version: Version) -> None:
    past = Past()
    assert counted(past, version) is version
    assert past.read == []
