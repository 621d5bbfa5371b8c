"""Two checkouts on one account: the victim's shop, and the neighbour's copy of it beside services of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.e2e.conftest import Shell
from tests.support.belongings import held, lineage_of, lineages, recorded, records
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory
from tests.support.raw_contents import raw_contents
from tests.support.victims import Victims

# Read here, because a test's environment is scrubbed.
KILLS = int(os.environ.get("STATEROOM_KILLS", "5"))
SEED = os.environ.get("STATEROOM_SEED", "1")

PROVIDER = f"provider: {{name: aws, runtime: python3.12, region: {REGION}}}\n"
SHOP = """\
service: shop
{provider}functions:
  hello:
    handler: app.handler
    timeout: {timeout}
    environment: {{QUEUE_URL: !Ref Inbox}}
    events:
      - httpApi: GET /hello
      - sqs: !GetAtt Inbox.Arn
resources:
  Resources:
    Inbox: {{Type: AWS::SQS::Queue, Properties: {{VisibilityTimeout: {visibility}}}}}
"""
TABLE = """\
    Table:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: {name}
        BillingMode: PAY_PER_REQUEST
        KeySchema: [{{AttributeName: id, KeyType: HASH}}]
        AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
"""
EXTRA = "    Extra: {Type: AWS::SQS::Queue}\n"
SIMPLE = """\
service: {name}
{provider}resources:
  Resources:
    Jobs: {{Type: AWS::SQS::Queue, Properties: {{VisibilityTimeout: {seconds}}}}}
"""
MARKER = {"id": {"S": "precious"}}
NOTHING: dict[str, Any] = {"checkpoint": {}}  # a state of nothing, as it is exported


@dataclass(frozen=True)
class Wanted:
    """The shop as its config describes it. `visibility` must exceed `timeout`, in seconds, as for any consumer."""

    timeout: int = 10
    visibility: int = 60
    extra: bool = False
    code: int = 1

    def write(self, directory: Path) -> None:
        """Write config and code."""
        text = SHOP.format(provider=PROVIDER, timeout=self.timeout, visibility=self.visibility)
        text += TABLE.format(name="customers") + (EXTRA if self.extra else "")
        (directory / "serverless.yml").write_text(text)
        (directory / "app.py").write_text(f"def handler(event, context):\n    return {self.code}\n")

    def edited(self, rng: Random) -> Wanted:
        """Another config: values change, a queue comes or goes, or the code changes."""
        return rng.choice(
            (
                replace(self, timeout=self.timeout % 30 + 1, code=self.code + 1),
                replace(self, extra=not self.extra, visibility=self.visibility + 1),
                replace(self, code=self.code + 1),
            )
        )


@dataclass
class Checkout:
    """A directory with its home."""

    shell: Shell
    home: str

    def words(self, *words: str) -> list[str]:
        """Complete command line of a command."""
        return self.shell.arguments(*words, "--home", self.home)

    def run(self, *words: str) -> str:
        """Run a command that has to succeed; its standard output."""
        code, out, err = self.shell.run(*words, "--home", self.home)
        assert code == 0, f"{' '.join(words)}: {out}{err}"
        return out

    def json(self, *words: str) -> Any:
        """Run a command that has to succeed; its answer."""
        return json.loads(self.run(*words, "--json"))

    def state(self) -> dict[str, Any]:
        """The state as it is exported."""
        state: dict[str, Any] = json.loads(self.run("state", "export"))
        return state

    def versions(self) -> dict[str, bool]:
        """What each version is asked for by (a number, or an address), newest first → whether it stored a state."""
        (service,) = self.json("versions")["services"]
        assert not service["problem"]
        return {str(item["name"]): item["stored"] for item in service["versions"]}


_SECOND: Final = "@2026-11-21T10:02:33"  # an address that is alone in its second


def checkout(emulator: Emulator, capsys: pytest.CaptureFixture[str], directory: Path, home: str) -> Checkout:
    directory.mkdir(parents=True)
    return Checkout(Shell(directory, emulator, capsys), home)


def put_marker(emulator: Emulator, table: str) -> None:
    emulator.client("dynamodb").put_item(TableName=table, Item=MARKER)


def has_marker(emulator: Emulator, table: str) -> bool:
    return "Item" in emulator.client("dynamodb").get_item(TableName=table, Key=MARKER)


@dataclass
class Neighbour:
    """The second checkout: `twin` is a copy of the shop with a home of its own, `still` and `busy` are other services.

    `still` is deployed once; `busy` is deployed, changed and removed in turn.
    """

    twin: Checkout
    still: Checkout
    busy: Checkout
    seconds: int = 30  # the busy queue's visibility
    lives: bool = False  # whether busy is deployed

    def settle(self) -> None:
        """Write the projects, and deploy what stays."""
        Wanted(timeout=25).write(self.twin.shell.directory)
        self._write(self.still, "ledger", 30)
        self.still.run("deploy", "--yes")
        put_marker(self.still.shell.emulator, "ledger")

    def next_command(self, rng: Random, *, shop_stays: bool) -> tuple[Checkout, list[str], int]:
        """A command to run meanwhile: its checkout, its words, and the exit code that it has to have."""
        if rng.random() < 0.4:
            # A shop that is not there for a moment might be anybody's: then the copy only tries to remove it.
            refused = shop_stays and rng.random() < 0.7
            return self.twin, ["deploy" if refused else "remove", "--yes"], int(refused)
        self.seconds += 1
        self._write(self.busy, "errands", self.seconds)
        removes = self.lives and rng.random() < 0.4
        self.lives = not removes
        return self.busy, ["remove" if removes else "deploy", "--yes"], 0

    def intrude(self, rng: Random) -> None:
        """Try to deploy or to remove the shop from the copy."""
        word = rng.choice(("deploy", "remove"))
        code, out, err = self.twin.shell.run(word, "--yes", "--home", self.twin.home)
        assert code == int(word == "deploy"), out + err

    def states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """States of the neighbour's own services."""
        return self.still.state(), self.busy.state() if self.lives else NOTHING

    def _write(self, checkout: Checkout, name: str, seconds: int) -> None:
        text = SIMPLE.format(name=name, provider=PROVIDER, seconds=seconds)
        (checkout.shell.directory / "serverless.yml").write_text(text + TABLE.format(name=name))


def neighbours(contents: dict[str, str]) -> dict[str, str]:
    """Raw settings and tags of what the neighbour's own services have."""
    return {key: text for key, text in contents.items() if "ledger" in key or "errands" in key}


@dataclass
class Account:
    """What the emulator holds, and whose it is."""

    emulator: Emulator
    shop: Checkout
    neighbour: Neighbour
    server: Victims
    seen: dict[str, bool] = field(default_factory=dict)  # the shop's versions so far

    def contents(self) -> dict[str, str]:
        """Raw settings and tags of everything."""
        return raw_contents(self.emulator)

    def check(self, contents: dict[str, str], states: tuple[dict[str, Any], ...], *, deployed: bool) -> None:
        """Everything that exists is recorded by one state, whose lineage it bears, and everything recorded exists."""
        shop = self.shop.state() if deployed else NOTHING
        everything = [line for state in (shop, *states) for line in recorded(state)]
        assert held(inventory(self.emulator), contents) == sorted(everything)
        for address, lineage in lineages(contents).items():
            whose = states[0] if "ledger" in address else states[1] if "errands" in address else shop
            assert lineage == lineage_of(whose), address
        for item in records(shop):
            assert item["outputs"]["__stateroom"]["lineage"] == lineage_of(shop), item["urn"]
            if item["type"] == "aws-native:lambda:Version":
                function, number = item["id"].rsplit(":", 2)[-2:]
                assert f"lambda/{function}/version/{number}" in contents
        assert has_marker(self.emulator, "ledger")
        problems = self.shop.shell.run("state", "list", "--home", self.shop.home)[2]
        assert "warning" not in problems, problems
        self._check_versions()

    def _check_versions(self) -> None:
        """Each version of the shop is there and readable; those that were read before are only counted."""
        versions = self.shop.versions()
        # Of operations that began in one second, each gets a longer address once there is another.
        kept = {(name, stored) for other, stored in versions.items() for name in (other, other[: len(_SECOND)])}
        assert self.seen.items() <= kept, f"{sorted(self.seen.items() - kept)} of {versions}"
        for name in self._stored(versions):
            self.shop.run("show", name, "--json")
        self.seen = versions

    def _stored(self, versions: dict[str, bool]) -> Iterator[str]:
        yield from (name for name, stored in versions.items() if stored and name not in self.seen)
