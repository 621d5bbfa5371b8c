"""A running operation waits for its home as long as its other calls: case `throttled-home-writes`, its siblings."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from stateroom.errors import StateError
from stateroom.model.version import UpdateSummary
from stateroom.state.home import Home
from stateroom.state.homes.serverless import serverless_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.patience import Patience
from tests.state.buckets import clients_for
from tests.state.builders import ANA, intent, queue, snapshot, ticking
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Call, Drop, Fault, Proxy

BUSY = Answer("SlowDown", "Please reduce your request rate.", status=503)


class Busy:
    """A home whose cloud can be made busy, what it was told to wait, and what people heard of it."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.slept: list[float] = []
        self.told: list[str] = []
        self.home: Home = serverless_home(
            clients_for(proxy.endpoint_url, self.slept.append),
            PassphraseSource("correct horse", environment={}, keyring=None),
            holder=ANA,
            clock=ticking(),
            packages_region=lambda: "eu-west-1",
        )

    def operate(self) -> None:
        """A whole operation, as the engine does it: record, lock, journal, state, version, and all cleared away."""
        home = self.home
        with home.patience.working(self.told.append):
            update = home.begin("orders", "dev", "deploy")
            with home.lock(update):
                journal = home.journal(update, None)
                journal.intend([intent("one")])
                journal.done("one", record=queue())
                journal.close()
                home.commit(snapshot(queue()), expected=None, update=update, summary=UpdateSummary(1))
                home.clear_journal("orders", "dev", update.id)

    def whole(self) -> bool:
        """Whether it left what an operation leaves, and nothing else."""
        self.proxy.rules.clear()
        stored = self.home.load("orders", "dev")
        left = self.home.leftover("orders", "dev"), self.home.read_lock("orders", "dev")
        return stored is not None and stored.number == 1 and left == (None, None)


@pytest.fixture
def busy(moto: Emulator) -> Iterator[Busy]:
    with Proxy(moto.endpoint_url).running() as proxy:
        found = Busy(proxy)
        update = found.home.begin("other", "dev", "deploy")  # the home itself is there
        found.home.withdraw(update)
        yield found


def test_throttled_home_writes_five_times_each_are_written_in_one_run_and_told(busy: Busy) -> None:
    """Case `throttled-home-writes`: the first five writes of each object are turned away."""
    turned_away: dict[tuple[str, str], int] = {}

    def first_five(call: Call) -> Answer | None:
        key = call.method, call.path
        turned_away[key] = turned_away.get(key, 0) + 1
        return BUSY if turned_away[key] <= 5 else None

    busy.proxy.rules += [Fault("PutObject", first_five), Fault("DeleteObject", first_five)]
    busy.operate()
    assert busy.whole()
    assert any("waiting for the home: " in text and "(SlowDown), try 6" in text for text in busy.told)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", [BUSY, Answer("InternalError", "", status=500), Drop(), Drop(after=True)])
def test_thirty_percent_of_all_calls_that_fail_are_one_run(busy: Busy, fault: Answer | Drop, seed: int) -> None:
    dice = random.Random(seed)
    busy.proxy.rules.append(Fault("*", lambda _: fault if dice.random() < 0.3 else None))
    busy.operate()
    assert busy.whole()


def test_throttled_parameters_are_waited_for_too(moto: Emulator) -> None:
    with Proxy(moto.endpoint_url).running() as proxy:
        busy = Busy(proxy)
        throttled = Answer("ThrottlingException", "Rate exceeded")
        proxy.rules += [Fault(name, throttled, calls=range(1, 6)) for name in ("GetParameter", "PutParameter")]
        busy.operate()
        assert busy.whole()


def test_what_is_refused_for_good_is_not_tried_again(busy: Busy) -> None:
    busy.proxy.rules.append(Fault("PutObject", Answer("AccessDenied", "no", status=403)))
    with pytest.raises(StateError, match="access denied"):
        busy.operate()
    assert not busy.slept


def test_whoever_only_looks_is_told_soon_and_nobody_hears_of_waits(busy: Busy) -> None:
    busy.proxy.rules.append(Fault("GetObject", BUSY))
    with pytest.raises(StateError, match="SlowDown"):
        busy.home.load("orders", "dev")
    assert len(busy.slept) == 3
    assert not busy.told


def test_an_operation_waits_at_least_eight_tries_and_three_quarters_of_a_minute_with_jitter() -> None:
    for chance in (0.0, 1.0):
        slept: list[float] = []
        patience = Patience(slept.append, lambda chance=chance: chance)  # type: ignore[misc]
        with patience.working():
            waiting = patience.begin("PutObject")
            while waiting.again("SlowDown"):
                pass
        assert len(slept) >= 7
        assert 45 <= sum(slept) < 60
        assert max(slept) <= 5
    waiting = patience.begin("PutObject")  # afterwards it is short again
    assert [waiting.again("SlowDown") for _ in range(4)] == [True, True, True, False]


def test_a_write_that_was_carried_out_though_its_answers_were_lost_is_ours(busy: Busy) -> None:
    busy.proxy.rules.append(Fault("PutObject", Drop(after=True), calls=(1, 3, 5, 7)))
    busy.operate()
    assert busy.whole()


def test_who_only_looks_does_not_wait_a_second_time_for_an_answer_that_did_not_come_in_a_minute() -> None:
    patience = Patience(lambda _: None, lambda: 0.5)
    assert not patience.begin("GetObject").again("ReadTimeoutError")
    with patience.working():
        assert patience.begin("GetObject").again("ReadTimeoutError")
