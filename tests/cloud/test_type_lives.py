"""Every type that is a table: made, read, found, changed, replaced and deleted on each emulator that has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Owner, ReadRequest, run
from stateroom.model.resource import Live
from tests.cloud.all_types import all_handlers
from tests.cloud.api_types import API_NEEDS
from tests.cloud.more_types import (
    CHANGES,
    DEFAULTS,
    FORGETFUL,
    LACKING,
    LOST,
    MORE_TYPES,
    OUTLIVING,
    TAGGED_LATER,
    UNCHANGING,
    UNLISTED,
    UNREPEATED,
)
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.cloud.test_every_type import SHOP, TRUST, missing, resolved
from tests.support.emulators import Emulator
from tests.support.faults import Drop, Fault, Proxy

OTHERS = {
    "OtherRole": ("AWS::IAM::Role", {"RoleName": "shop-other", "AssumeRolePolicyDocument": TRUST}),
    "OtherKey": ("AWS::KMS::Key", {}),
}
NEEDED = {name: SHOP[name] for name in ("Role", "Dead", "Queue", "Logs", "Function", "Topic", "Machine")}
NEEDED |= API_NEEDS


class World:
    """One of each, in the order in which they refer to each other."""

    def __init__(self, emulator: Emulator) -> None:
        self.name = emulator.name
        self.provider: AwsProvider = opened(emulator.endpoint_url)
        self.types = {
            name: item
            for name, item in {**NEEDED, **OTHERS, **MORE_TYPES}.items()
            if item[0] not in LACKING[emulator.name]
        }
        self.asked: dict[str, dict[str, Any]] = {}
        self.made: dict[str, Live] = {}

    def make(self) -> Iterator[str]:
        for name, (type_, properties) in self.types.items():
            self.asked[name] = resolved(properties, self.made)
            self.made[name] = run(self.provider.create(type_, self.asked[name], owner(name)), sleep=no_sleep)
            yield name

    def differences(self, name: str, live: Live | None) -> list[str]:
        type_ = self.types[name][0]
        if live is None:
            return ["it is not there"]
        declared = self.provider.canonical(type_, self.asked[name])
        lost = {key for there, key in LOST[self.name] if there == name}
        unseen = self.provider.schema(type_).write_only | lost
        return [
            item
            for item in missing(declared, self.provider.canonical(type_, live.properties))
            if not any(item[1:].startswith(path) for path in unseen)
        ]

    def change(self, name: str) -> Live:
        type_, before = self.types[name][0], self.asked[name]
        changes = resolved(CHANGES[name], self.made)
        after = {key: value for key, value in {**before, **changes}.items() if value is not None}
        self.asked[name] = after
        update = self.provider.update(
            type_, self.made[name].physical_id, after, before, frozenset(changes), owner(name)
        )
        return run(update, sleep=no_sleep)

    def read(self, name: str) -> Live | None:
        return self.provider.read(self.types[name][0], self.made[name].physical_id, self.asked[name])

    def delete(self, name: str) -> None:
        run(self.provider.delete(self.types[name][0], self.made[name].physical_id, self.asked[name]), sleep=no_sleep)


def owner(name: str) -> Owner:
    return Owner("shop", "dev", name, "a" * 32, "bucket ours")


def test_each_type_goes_through_its_life(emulator: Emulator) -> None:
    world = World(emulator)
    wrong: dict[str, object] = {}
    for name in world.make():
        if found := world.differences(name, world.made[name]):
            wrong[f"{name} when made"] = found
    for name in MORE_TYPES.keys() & world.types.keys():
        type_, found_id = world.types[name][0], world.made[name].physical_id
        if type_ not in FORGETFUL[emulator.name] | UNLISTED[emulator.name]:
            assert world.provider.find(type_, world.asked[name], owner(name)) == found_id, name
    for name in CHANGES.keys() & world.types.keys() - UNCHANGING[emulator.name].keys():
        if found := world.differences(name, world.change(name)):
            wrong[f"{name} when changed"] = found
        there = (world.read(name) or Live("", {})).properties
        gone = {key for key, value in CHANGES[name].items() if value is None}
        gone -= {key for thing, key in LOST[emulator.name] if thing == name}
        if left := {key: there[key] for key in gone & there.keys() if there[key] != DEFAULTS.get(key)}:
            wrong[f"{name} keeps"] = left
    for repeated in (False, True):
        for name in reversed(world.types):
            if not repeated or name not in UNREPEATED[emulator.name]:
                world.delete(name)
    requests = [
        ReadRequest(name, world.types[name][0], live.physical_id, world.asked[name])
        for name, live in world.made.items()
        if world.types[name][0] not in OUTLIVING
    ]
    readings = list(world.provider.read_many(requests, lambda: False))
    assert wrong == {}
    assert [reading for reading in readings if reading.live or reading.error] == []


def test_a_create_whose_answer_is_lost_makes_one_and_finds_it(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)  # between its own retries
    world = World(emulator)
    # IoT's calls are signed as another service's, CloudFront's begin with a date: the proxy does not know their names.
    unnamed = {"AWS::IoT::TopicRule", *(item.type for item in all_handlers() if "::CloudFront::" in item.type)}
    spared = FORGETFUL[emulator.name] | UNLISTED[emulator.name] | TAGGED_LATER | unnamed
    wrong: dict[str, object] = {}
    with Proxy(emulator.endpoint_url).running() as proxy:
        world.provider = opened(proxy.endpoint_url)
        handlers = {item.type: item for item in all_handlers()}
        for name, (type_, properties) in world.types.items():
            creating = getattr(handlers[type_], "creating", None)
            operation = "".join(part.capitalize() for part in creating.operation.split("_")) if creating else ""
            world.asked[name] = resolved(properties, world.made)
            if name in MORE_TYPES.keys() - UNCHANGING[emulator.name].keys() and operation and type_ not in spared:
                proxy.rules[:] = [Fault(operation, Drop(after=True), calls=(proxy.count(operation) + 1,))]
            before = proxy.count(operation)
            world.made[name] = run(world.provider.create(type_, world.asked[name], owner(name)), sleep=no_sleep)
            if found := world.differences(name, world.made[name]):
                wrong[name] = found
            if proxy.rules and proxy.count(operation) == before:
                wrong[name] = f"{operation} was not called"
            proxy.rules.clear()
    assert wrong == {}
    keys = emulator.client("kms").list_keys()["Keys"]
    assert len(keys) == len([name for name in world.made if world.types[name][0] == "AWS::KMS::Key"])


assert MORE_TYPES.keys() >= CHANGES.keys()
