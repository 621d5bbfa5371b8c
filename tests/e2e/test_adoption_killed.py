"""A deploy that adopts a stranger's table and log group, killed at random: each is adopted and dated, or untouched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.e2e.checkouts import KILLS, PROVIDER, SEED, SIMPLE, TABLE, Checkout, checkout, has_marker, put_marker
from tests.support.belongings import lineage_of, lineages, records
from tests.support.emulators import Emulator
from tests.support.raw_contents import raw_contents
from tests.support.victims import Victims, victims

GROUP = "    Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /shop/audit}}\n"
ADOPT = ("--adopt", "shop/Table", "--adopt", "shop/Group")
STRANGERS = {"Table": "dynamodb/customers", "Group": "logs//shop/audit"}
WRITES = 24  # of such a deploy, about


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    with victims("tests.e2e.call_victim", tmp_path_factory.mktemp("victims")) as running:
        yield running


@dataclass(frozen=True)
class Strangers:
    """A table with an item and a log group with a stream, which somebody else made and tagged."""

    emulator: Emulator

    def make(self) -> dict[str, str]:
        """Make both, in an empty cloud; their raw settings and tags."""
        self.emulator.reset()
        tables, logs = self.emulator.client("dynamodb"), self.emulator.client("logs")
        tables.create_table(
            TableName="customers",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            Tags=[{"Key": "team", "Value": "finance"}],
        )
        put_marker(self.emulator, "customers")
        logs.create_log_group(logGroupName="/shop/audit", tags={"team": "finance"})
        logs.create_log_stream(logGroupName="/shop/audit", logStreamName="precious")
        return self.contents()

    def contents(self) -> dict[str, str]:
        """Raw settings and tags of those that exist."""
        contents = raw_contents(self.emulator)
        return {name: contents[address] for name, address in STRANGERS.items() if address in contents}

    def check_data(self) -> None:
        """The item and the stream are there."""
        assert has_marker(self.emulator, "customers")
        logs = self.emulator.client("logs")
        (stream,) = logs.describe_log_streams(logGroupName="/shop/audit")["logStreams"]
        assert stream["logStreamName"] == "precious"


def project(emulator: Emulator, capsys: pytest.CaptureFixture[str], directory: Path) -> Checkout:
    """A service whose table and log group have the strangers' names."""
    shop = checkout(emulator, capsys, directory, "local")
    text = SIMPLE.format(name="shop", provider=PROVIDER, seconds=30) + TABLE.format(name="customers") + GROUP
    shop.shell.config.write_text(text)
    return shop


def finish(shop: Checkout, strangers: Strangers) -> None:
    """Run it again: both are adopted, with a date and our lineage."""
    shop.run("deploy", "--yes", *ADOPT)
    shop.run("diff")
    state = shop.state()
    dates = {item["urn"].rsplit("::", 1)[-1]: item["outputs"]["__stateroom"].get("adopted") for item in records(state)}
    assert all(dates[name] for name in STRANGERS), dates
    assert not dates["Jobs"]
    assert set(lineages(strangers.contents()).values()) == {lineage_of(state)}
    strangers.check_data()


def give_up(shop: Checkout, strangers: Strangers, before: dict[str, str]) -> None:
    """Remove instead: what was not adopted is not in the plan and stays; what was, is named as adopted."""
    now = strangers.contents()
    plan = shop.run("remove", "--dry-run").splitlines()
    for name in STRANGERS:
        lines = [line for line in plan if f"shop/{name} " in line]
        assert all("adopted on 20" in line for line in lines), lines
        assert lines or now[name] == before[name], f"{name} is changed, and remove does not know it"
        assert not lines or now[name] != before[name], f"{name} is not adopted, and remove deletes it"
    shop.run("remove", "--yes")
    left = strangers.contents()
    assert left == {name: text for name, text in before.items() if now[name] == text}


@pytest.mark.timeout(120 + 10 * KILLS)
def test_what_is_being_adopted_is_adopted_with_a_date_or_untouched(
    server: Victims, moto: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, strangers = Random(f"{SEED} adopt"), Strangers(moto)
    for number in range(KILLS):
        before = strangers.make()
        shop = project(moto, capsys, tmp_path / str(number) / "shop")
        point, when, ending = rng.randint(1, WRITES), rng.choice(("before", "after")), rng.choice(("finish", "give up"))
        try:
            killed = server.run(point, when, *shop.words("deploy", "--yes", *ADOPT))
            assert killed["died"] or killed["code"] == 0, killed
            strangers.check_data()
            code, out, err = shop.shell.run("deploy", "--yes", "--home", "local")  # without --adopt
            for name, text in strangers.contents().items():
                assert f"! refuse   shop/{name} " not in out or text == before[name], out
            assert code == int("! refuse" in out), out + err
            if ending == "finish":
                finish(shop, strangers)
            else:
                give_up(shop, strangers, before)
        except BaseException as error:
            error.add_note(f"STATEROOM_SEED={SEED} STATEROOM_KILLS={KILLS}: killed {when} write {point}, {ending}")
            raise
