"""What the pictures show, at moments that are always the same: the demo's shop with a past, on the demo's own cloud; a
home that can be reset; and a home of SST's."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.ui.sst_app import ledger_machine

from stateroom.config.project import open_project
from stateroom.demo.drift import make_mischief
from stateroom.demo.emulator import emulator
from stateroom.demo.operate import Operator
from stateroom.demo.sandbox import REGION, STAGE, Sandbox, sandbox
from stateroom.demo.shop import Shop
from stateroom.engine.cockpit import ProjectCockpit, open_cockpit
from stateroom.engine.foreign_cockpit import ForeignCockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit, OperatingCockpit
from stateroom.engine.reset.guided_reset import HomeReset
from stateroom.engine.workspace import Workspace
from stateroom.model.plan import Operation
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.vault import ObjectVault
from stateroom.state.stores.directory import DirectoryStore

PORT = 4566  # the same in every run, because it is part of queue URLs
# The engine takes the time of readings from the wall clock, so the story's moments are counted from it too.
NOW = datetime.now(UTC)


def later() -> Callable[[], datetime]:
    """Build a clock that stands still some minutes from now: ages on a picture do not depend on how long it takes."""
    moment = datetime.now(UTC) + timedelta(minutes=4, seconds=30)
    return lambda: moment


@dataclass
class Teller:
    """Who works on the project, and when."""

    place: Sandbox
    user: str = "ana"
    moment: datetime = NOW

    def open(self) -> OperatingCockpit:
        """Open the project for a user."""
        options = WorkspaceOptions(
            stage=STAGE, region=REGION, endpoint_url=self.place.endpoint_url, environment=self.place.environment
        )
        project = open_project(self.place.project, options={"stage": STAGE}, environment=self.place.environment)
        home = local_home(
            self.place.project / ".stateroom",
            PassphraseSource(environment=self.place.environment, keyring=None),
            holder=Holder(self.user, "laptop", 4711, "stateroom"),
            clock=lambda: self.moment,
        )
        return ProjectCockpit(Workspace(project, options, home))

    def does(self, operation: Operation, *, ago: timedelta, user: str) -> None:
        """Run an operation as a user did it some time ago."""
        self.user, self.moment = user, NOW - ago
        Operator(self.open).succeed(operation)


def _past(teller: Teller, shop: Shop) -> None:
    """Four versions of orders: a first deploy, a change, a refresh after someone helped by hand, another change."""
    teller.does(Operation.DEPLOY, ago=timedelta(days=9), user="ana")
    shop.edit("orders/serverless.yml", "maxReceiveCount: 5", "maxReceiveCount: 8")
    teller.does(Operation.DEPLOY, ago=timedelta(days=2), user="ben")
    shop.change_function("orders", "getOrder", MemorySize=512)
    teller.does(Operation.REFRESH, ago=timedelta(hours=3), user="ana")
    shop.edit(
        "orders/serverless.yml",
        "    handler: src/get_order.handler\n",
        "    handler: src/get_order.handler\n    memorySize: 512\n",
    )
    shop.edit("orders/serverless.yml", "    team: storefront\n", "    team: storefront\n    tier: gold\n")
    teller.does(Operation.DEPLOY, ago=timedelta(hours=1, minutes=10), user="ci")


def _helpful_role(shop: Shop) -> None:
    """Someone let the functions of orders empty the queue, in the console: a statement more in a long policy."""
    client, role = shop.client("iam"), f"shop-orders-{STAGE}-{REGION}-lambdaRole"
    (name,) = client.list_role_policies(RoleName=role)["PolicyNames"]
    document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    queue = next(item for item in document["Statement"] if "sqs:SendMessage" in item["Action"])
    document["Statement"].append({**queue, "Action": "sqs:PurgeQueue"})
    client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@contextlib.contextmanager
def shop() -> Iterator[Callable[[], Cockpit]]:
    """Deploy the shop, change it, let it drift, and yield the factory of its cockpit; all is gone afterwards."""
    with emulator(port=PORT, region=REGION) as cloud, sandbox(cloud.endpoint_url) as place:
        teller = Teller(place)
        _past(teller, Shop(place))
        make_mischief(Shop(place))
        _helpful_role(Shop(place))
        yield teller.open


@contextlib.contextmanager
def movable() -> Iterator[tuple[Callable[[], Cockpit], Callable[[], HomeReset]]]:
    """Deploy the shop with its states in a Serverless home; yield the factories of its cockpit and of its home."""
    with emulator(port=PORT, region=REGION) as cloud, sandbox(cloud.endpoint_url) as place:
        # Shown, and not written to: the picture is of the look.
        environment = {**place.environment, "XDG_STATE_HOME": "/home/ana/.local/state"}
        options = WorkspaceOptions(
            stage=STAGE, region=REGION, home="serverless", endpoint_url=cloud.endpoint_url, environment=environment
        )

        def opened() -> Cockpit:
            return open_cockpit(place.project, options)

        Operator(opened).succeed(Operation.DEPLOY)
        yield opened, lambda: HomeReset(options, place.project, later())


@contextlib.contextmanager
def ledger() -> Iterator[Callable[[], Cockpit]]:
    """Make an app of SST in a home of its own; yield the factory of its cockpit."""
    with tempfile.TemporaryDirectory() as directory:
        machine = ledger_machine(Path(directory))
        store = DirectoryStore(machine.states)
        home = Home(
            store,
            label="sst directory ~/.config/sst/state",
            url="file:///home/ana/.config/sst/state",
            passphrase=PassphraseSource(environment={}, keyring=None).with_vault(ObjectVault(store, ".json")),
            holder=Holder("ana", "laptop", 4711, "stateroom"),
            clock=lambda: NOW,
        )
        options = WorkspaceOptions(environment=machine.environment)
        yield lambda: ForeignCockpit(home, options, project="ledger", path=directory, app="ledger")


__all__ = ["later", "ledger", "movable", "shop"]
