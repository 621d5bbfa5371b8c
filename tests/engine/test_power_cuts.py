"""An operation cut off at any write and any call, then run again: nothing orphaned, nothing lost, it converges.

The cut is simulated: from the chosen point on no write reaches the home and no call reaches the cloud. Tests that kill
a real process are with the emulators.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import CloudError, StateError, StateroomError
from stateroom.model.plan import Operation
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.store import Blob
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import API, FUNCTION, QUEUE, ROUTE, Config, Lab


@dataclass
class Mains:
    """The power supply: gives out after `remaining` uses."""

    remaining: int = 1_000_000
    used: int = 0

    def use(self) -> bool:
        self.used += 1
        self.remaining -= 1
        return self.remaining >= 0


class PoweredStore(DirectoryStore):
    """A directory that cannot be written once the power is gone."""

    mains = Mains()

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        self._need_power()
        etag = super().put(key, data, if_match=if_match, if_none_match=if_none_match)
        self._need_power()  # written, but nobody hears of it
        return etag

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._need_power()
        super().delete(key, if_match=if_match)

    def get(self, key: str) -> Blob | None:
        return super().get(key)

    def list(self, prefix: str) -> Iterator[str]:
        return super().list(prefix)

    def _need_power(self) -> None:
        if not self.mains.use():
            raise StateError("power cut")


class PoweredCloud(MemoryCloud):
    """A cloud that is not reached once the power is gone; also between a call's effect and its answer."""

    mains = Mains()

    def _call(self, call: str) -> None:
        if not call.startswith("read") and not self.mains.use():
            raise CloudError("power cut")
        super()._call(call)

    def _took_effect(self, call: str) -> None:
        if not self.mains.use():
            raise CloudError("power cut")


def first_config() -> Config:
    return Config(
        {
            "orders": {
                "Q": (QUEUE, {"QueueName": "orders-one"}),
                "Fn": (FUNCTION, {"FunctionName": "handler", "Env": {"Ref": "Q"}, "Timeout": 3}),
                "Api": (API, {"ProtocolType": "HTTP"}),
                "Route": (ROUTE, {"ApiId": {"Ref": "Api"}, "Key": "GET /"}),
                "Old": (QUEUE, {"QueueName": "old-queue"}),
            }
        },
        {"orders": {"url": {"Ref": "Q"}}},
    )


def second_config() -> Config:
    """A replacement, an update, a create and a delete."""
    config = first_config()
    orders = config.resources["orders"]
    orders["Q"] = (QUEUE, {"QueueName": "orders-two"})
    orders["Fn"] = (FUNCTION, {"FunctionName": "handler", "Env": {"Ref": "Q"}, "Timeout": 9})
    orders["New"] = (QUEUE, {"QueueName": "new-queue"})
    del orders["Old"]
    return config


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> Mains:
    supply = Mains()
    monkeypatch.setattr(PoweredStore, "mains", supply)
    monkeypatch.setattr(PoweredCloud, "mains", supply)
    monkeypatch.setattr("stateroom.state.homes.local.DirectoryStore", PoweredStore)
    return supply


def objects(cloud: MemoryCloud) -> list[tuple[str, dict[str, Any]]]:
    """What is there, generated ids left out."""
    return sorted(
        (thing.owner.logical_id, {key: item for key, item in thing.properties.items() if key != "ApiId"})
        for thing in cloud.things.values()
    )


def attempt(action: Callable[[], object]) -> None:
    with contextlib.suppress(StateroomError):  # whatever a process without power says, nobody reads it
        action()


def cut_everywhere(
    tmp_path: Path,
    mains: Mains,
    before: Callable[[Lab], object],
    action: Callable[[Lab], object],
    config: Callable[[], Config] = first_config,
) -> Iterator[Lab]:
    """Labs in which `action` was cut off at one point after another, power restored."""
    point = 0
    while True:
        lab = Lab(tmp_path / str(point), config(), PoweredCloud())
        mains.remaining = 1_000_000
        before(lab)
        mains.remaining = point
        attempt(lambda lab=lab: action(lab))  # type: ignore[misc]
        finished = mains.remaining >= 0
        mains.remaining = 1_000_000
        yield lab
        if finished:
            assert point > 10, "the operation was expected to write and call more often than that"
            return
        point += 1


def release_lock(lab: Lab) -> None:
    """A dead process cannot have let go of its lock."""
    if (left := lab.cockpit.lock("orders")) is not None:
        lab.cockpit.unlock("orders", left)


def test_a_first_deploy_cut_off_anywhere_converges(tmp_path: Path, mains: Mains) -> None:
    whole = Lab(tmp_path / "whole", first_config(), PoweredCloud())
    assert whole.run().ok
    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run()):
        release_lock(lab)
        assert lab.run().ok
        assert objects(lab.cloud) == objects(whole.cloud)
        assert lab.plan().empty
        assert lab.statuses() == {}


def test_what_was_done_but_not_noted_is_noted_by_the_next_deploy_although_nothing_else_is_to_do(
    tmp_path: Path, mains: Mains
) -> None:
    def one_queue() -> Config:
        return Config({"orders": {"Q": (QUEUE, {"QueueName": "orders-one"})}})

    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run(), one_queue):
        release_lock(lab)
        assert lab.run().ok
        assert lab.statuses() == {}
        snapshot = lab.cockpit.snapshot("orders")
        assert snapshot is not None
        assert [record.logical_id for record in snapshot.records] == ["Q"]


def test_a_second_deploy_cut_off_anywhere_converges(tmp_path: Path, mains: Mains) -> None:
    whole = Lab(tmp_path / "whole", first_config(), PoweredCloud())
    whole.run()
    whole.config = second_config()
    assert whole.run().ok

    def change(lab: Lab) -> None:
        lab.config = second_config()
        lab.run()

    for lab in cut_everywhere(tmp_path, mains, lambda lab: lab.run(), change):
        release_lock(lab)
        assert lab.run().ok
        assert objects(lab.cloud) == objects(whole.cloud)
        assert lab.plan().empty
        assert lab.statuses() == {}


def test_a_remove_cut_off_anywhere_leaves_nothing_when_run_again(tmp_path: Path, mains: Mains) -> None:
    for lab in cut_everywhere(tmp_path, mains, lambda lab: lab.run(), lambda lab: lab.run(Operation.REMOVE)):
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        assert not lab.cloud.things
        assert lab.cockpit.snapshot("orders") is None


def test_an_adoption_cut_off_anywhere_is_known_for_one_or_has_not_happened(tmp_path: Path, mains: Mains) -> None:
    def two_of_them() -> Config:
        orders = first_config().resources["orders"]
        return Config({"orders": {"Q": orders["Q"], "Old": orders["Old"]}})

    def theirs(lab: Lab) -> None:
        assert Lab(lab.directory / "theirs", two_of_them(), lab.cloud).run().ok

    def adopt(lab: Lab) -> None:
        lab.run(adopt=("Q", "Old"))

    for lab in cut_everywhere(tmp_path, mains, theirs, adopt, two_of_them):
        release_lock(lab)
        recovered = lab.workspace.state("orders").recovered(lab.cloud).snapshot
        known = {record.logical_id: record.adopted for record in recovered.records}
        taken = {
            thing.owner.logical_id
            for thing in lab.cloud.things.values()
            if str(lab.directory / "theirs") not in thing.owner.home
        }
        assert all(known.get(name) for name in taken)
        assert known.keys() == taken

        adopt(lab)
        snapshot = lab.cockpit.snapshot("orders")
        assert snapshot is not None
        assert all(record.adopted for record in snapshot.records)
        assert lab.statuses() == {}
        reasons = [step.reason for step in lab.plan(Operation.REMOVE).steps()]
        assert all("not made by stateroom" in reason for reason in reasons)


def test_a_deploy_cut_off_anywhere_can_be_removed_without_a_trace(tmp_path: Path, mains: Mains) -> None:
    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run()):
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        assert not lab.cloud.things
