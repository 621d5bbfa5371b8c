"""A bench to put one resource handler on: it remembers the resource and drives the handler's tasks."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.provider import Identified, Owner, Pause, ReadRequest, ResourceData, Task
from stateroom.model.resource import Live
from tests.support.emulators import REGION

OWNER = Owner(service="shop", stage="dev", logical_id="Thing")
STRANGER = Owner(service="shop", stage="prod", logical_id="Thing")


@functools.cache
def _session() -> Any:
    import boto3

    return boto3.Session(region_name=REGION)


def clients_for(endpoint_url: str) -> Clients:
    """Clients as the product makes them, for an emulator or a proxy, all from one session.

    A session of its own for each would parse the services' descriptions again: most of a test's time.
    """
    clients = Clients(region=REGION, endpoint_url=endpoint_url)
    clients._session = _session()
    return clients


class Bench:
    """One resource under test: what was asked for last, and its physical id."""

    def __init__(self, handler: type, endpoint_url: str, inputs: Mapping[str, Any]) -> None:
        self.handler: Any = handler(clients_for(endpoint_url))
        self.inputs = dict(inputs)
        self.id = ""
        self.identified: list[str] = []
        self.pauses: list[Pause] = []

    def create(self, owner: Owner = OWNER) -> dict[str, Any]:
        """Create, and read what came of it."""
        made = self.drive(self.handler.create(ResourceData(inputs=self.inputs, owner=owner)))
        self.id = made.physical_id if isinstance(made, Live) else made
        return self._checked(made)

    def read(self) -> dict[str, Any]:
        """The model; fails when there is none."""
        model = self.handler.read(ResourceData(self.id, self.inputs))
        assert model is not None, f"{self.id} is gone"
        return dict(model)

    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self.handler.read(ResourceData(self.id, self.inputs)) is not None

    def change(self, **properties: Any) -> dict[str, Any]:
        """Update these properties; None unsets."""
        previous = dict(self.inputs)
        for name, value in properties.items():
            if value is None:
                self.inputs.pop(name, None)
            else:
                self.inputs[name] = value
        resource = ResourceData(self.id, self.inputs, previous, frozenset(properties), OWNER)
        return self._checked(self.drive(self.handler.update(resource)))

    def delete(self) -> None:
        """Delete and wait until gone."""
        self.drive(self.handler.delete(ResourceData(self.id, self.inputs)))

    def find(self, owner: Owner = OWNER) -> str | None:
        """What `create` would have made, if it is there."""
        return tags.ours(self.handler.locate(ResourceData(inputs=self.inputs, owner=owner)), owner)

    def read_in_bulk(self) -> dict[str, Any] | None:
        """The reading through the batch reader, next to one that does not exist."""
        requests = [
            ReadRequest("ours", self.handler.type, self.id, self.inputs),
            ReadRequest("nothing", self.handler.type, "no-such-thing", self.inputs),
        ]
        readings = {reading.key: reading for reading in self.handler.read_many(requests)}
        assert readings.keys() == {"ours", "nothing"}
        assert readings["nothing"].live is None
        assert readings["nothing"].error is None
        live = readings["ours"].live
        return None if live is None else dict(live.properties)

    def _checked(self, answer: Live | str | None) -> dict[str, Any]:
        """The model; what a handler read by itself after a change must be the same."""
        model = self.read()
        assert not isinstance(answer, Live) or answer == Live(self.id, model)
        return model

    def drive(self, task: Task[Any]) -> Any:
        """Run a task to its end without waiting through its pauses for more than a moment."""
        while True:
            try:
                progress = next(task)
            except StopIteration as stop:
                return stop.value
            if isinstance(progress, Identified):
                self.identified.append(progress.physical_id)
            else:
                self.pauses.append(progress)
                time.sleep(min(progress.seconds, 0.05))


def agrees(model: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether the reading has everything that was asked for, as it was asked for; tells what has not."""
    wrong = {name: (value, model.get(name)) for name, value in asked.items() if model.get(name) != value}
    assert not wrong, f"asked, answered: {wrong}"
    return True


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Names of the properties that are not the same on both sides."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
