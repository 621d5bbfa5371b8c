"""A checkout's operations killed at random by SIGKILL while a second checkout is at work: each keeps what is its own.

`STATEROOM_KILLS` is the number of kills for each home and `STATEROOM_SEED` the seed; a failure tells its seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.e2e.checkouts import (
    KILLS,
    SEED,
    Account,
    Neighbour,
    Wanted,
    checkout,
    has_marker,
    neighbours,
    put_marker,
)
from tests.support.victims import Victims, victims

pytestmark = pytest.mark.emulator


# Writes of each operation at first; what is learned on the way replaces it.
WRITES = {"first": 50, "edit": 20, "refresh": 8, "rollback": 16, "remove": 30}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Victims, Victims]]:
    """Where the victim's commands run, and where the neighbour's do."""
    with (
        victims("tests.e2e.call_victim", tmp_path_factory.mktemp("victims")) as victim,
        victims("tests.e2e.call_victim", tmp_path_factory.mktemp("neighbours")) as neighbour,
    ):
        yield victim, neighbour


@dataclass
class Campaign:
    """Kills of the shop's operations, one after the other."""

    account: Account
    server: Victims
    rng: Random
    wanted: Wanted = field(default_factory=Wanted)
    deployed: bool = False
    kept: dict[str, Wanted] = field(default_factory=dict)  # version → the config that it came from
    writes: dict[str, int] = field(default_factory=WRITES.copy)
    log: list[str] = field(default_factory=list)
    deaths: int = 0

    def round(self) -> None:
        """Kill one operation while the neighbour is at work, run it again, and look at everything."""
        name, words = self._next()
        shop, account = self.account.shop, self.account
        with ThreadPoolExecutor(1) as pool:
            code, meanwhile = self._meanwhile(pool, shop_stays=name in ("edit", "refresh", "rollback"))
            self._kill(name, shop.words(*words))
            answer = meanwhile.result()
            assert answer["code"] == code, answer["output"]
        states, contents = account.neighbour.states(), account.contents()
        shop.run(*words)
        self.deployed = name != "remove"
        if self.deployed:
            self._check_shop(name)
        now = account.contents()
        assert neighbours(now) == neighbours(contents), "touched what the neighbour has"
        assert account.neighbour.states() == states, "touched the neighbour's state"
        account.check(now, states, deployed=self.deployed)
        if self.deployed and self.rng.random() < 0.3:
            account.neighbour.intrude(self.rng)
            assert account.contents() == now, "touched what the shop has"

    def _next(self) -> tuple[str, list[str]]:
        """Choose an operation, and write the config that it ends in."""
        name = self.rng.choice(("edit", "edit", "refresh", "rollback", "remove")) if self.deployed else "first"
        words = ["deploy", "--yes"]
        older = [version for version, wanted in self.kept.items() if wanted != self.wanted]
        if name == "rollback" and older:
            version = self.rng.choice(older)
            self.wanted, words = self.kept[version], ["rollback", version, "--yes"]
        elif name == "refresh":
            self.wanted, words = self._drifted(), ["refresh", "--yes"]
        elif name == "remove":
            words = ["remove", "--yes", *self.rng.choice(([], ["--keep-history"]))]
            if len(words) == 2:  # the home is cleared of the shop's past
                self.kept.clear()
                self.account.seen.clear()
        elif name != "first":
            name, self.wanted = "edit", self.wanted.edited(self.rng)
        self.wanted.write(self.account.shop.shell.directory)
        return name, words

    def _drifted(self) -> Wanted:
        """Change the queue behind stateroom's back; the config that agrees with it."""
        wanted = Wanted(self.wanted.timeout, self.wanted.visibility + 100, self.wanted.extra, self.wanted.code)
        queues = self.account.emulator.client("sqs")
        (url,) = queues.list_queues(QueueNamePrefix="shop-dev-Inbox")["QueueUrls"]
        queues.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(wanted.visibility)})
        return wanted

    def _meanwhile(self, pool: ThreadPoolExecutor, *, shop_stays: bool) -> tuple[int, Future[dict[str, Any]]]:
        """Start a command of the neighbour's in another process; the exit code that it has to have, and its answer."""
        where, words, code = self.account.neighbour.next_command(self.rng, shop_stays=shop_stays)
        self.log.append(f"neighbour: {where.shell.directory.name} {' '.join(words)}, to end with {code}")
        return code, pool.submit(self.account.server.run, 0, "before", *where.words(*words))

    def _kill(self, name: str, words: list[str]) -> None:
        point, when = self.rng.randint(1, self.writes[name]), self.rng.choice(("before", "after"))
        self.log.append(f"{name} {' '.join(words[:2])}: killed {when} write {point} of about {self.writes[name]}")
        answer = self.server.run(point, when, *words)
        self.deaths += answer["died"]
        if not answer["died"]:
            self.log.append("lived")
            assert answer["code"] == 0, answer["output"]
            self.writes[name] = max(answer["writes"], 2)

    def _check_shop(self, name: str) -> None:
        """Config, state and cloud agree, nothing is left to do, and the table still has its item."""
        shop, emulator = self.account.shop, self.account.emulator
        shop.run("diff")
        assert "Nothing to do" in shop.run("deploy", "--dry-run")
        self.kept[next(version for version, stored in shop.versions().items() if stored)] = self.wanted
        assert name == "first" or has_marker(emulator, "customers")
        put_marker(emulator, "customers")


@pytest.mark.timeout(120 + 20 * KILLS)
@pytest.mark.parametrize(("home", "emulator_name"), [("local", "moto"), ("serverless", "ministack")])
def test_killed_operations_lose_orphan_and_touch_nothing(
    home: str,
    emulator_name: str,
    servers: tuple[Victims, Victims],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    emulator = request.getfixturevalue(emulator_name)

    def place(name: str, where: str) -> Any:
        return checkout(emulator, capsys, tmp_path / name, where)

    neighbour = Neighbour(place("twin", "local"), place("ledger", home), place("errands", home))
    account = Account(emulator, place("shop", home), neighbour, servers[1])
    campaign = Campaign(account, servers[0], Random(f"{SEED} {home}"))
    neighbour.settle()
    try:
        while campaign.deaths < KILLS:
            campaign.round()
    except BaseException as error:
        log = "\n  ".join(campaign.log)
        error.add_note(f"STATEROOM_SEED={SEED} STATEROOM_KILLS={KILLS}, after {campaign.deaths} kills:\n  {log}")
        raise
