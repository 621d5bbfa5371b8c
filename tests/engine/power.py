"""A power supply that gives out: from a chosen use on no write reaches the home and no call reaches the cloud."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stateroom.errors import CloudError, StateError, StateroomError
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.store import Blob
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import API, FUNCTION, QUEUE, ROUTE, Config, Lab
from tests.support.examples import points


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
    for point in points():
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


def release_lock(lab: Lab) -> None:
    """A dead process cannot have let go of its lock."""
    if (left := lab.cockpit.lock("orders")) is not None:
        lab.cockpit.unlock("orders", left)
