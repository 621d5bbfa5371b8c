"""API budgets: what AWS takes is data, calls wait for their turn, and a refusal slows them down and is told."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.throttling import VARIABLE, budgets_for
from stateroom.cloud.budgets.budgets import Budgets, shared_budgets
from stateroom.cloud.budgets.table import RATES, Rate, rates_of
from stateroom.cloud.budgets.telling import Refusals, Wait, heard_everywhere, heard_here
from stateroom.cloud.budgets.token_bucket import TokenBucket
from tests.support.emulators import REGION
from tests.support.faults import Answer, Fault, Proxy
from tests.support.lags import Clock


def names(service: str, operation: str) -> list[str]:
    return [rate.name for rate in rates_of(service, operation)]


def test_a_call_counts_against_its_own_rate_or_the_rest_and_the_total() -> None:
    assert names("lambda", "GetFunction") == ["Lambda's GetFunction (100 calls a second)"]
    assert names("lambda", "CreateFunction") == names("lambda", "AddPermission") == ["Lambda (15 calls a second)"]
    assert names("apigateway", "DeleteRestApi") == [
        "API Gateway's DeleteRestApi (1 call in 30 seconds)",
        "API Gateway (10 calls a second)",
    ]
    assert rates_of("apigateway", "GetRestApi") == rates_of("apigatewayv2", "GetApi")
    assert names("no-such-service", "Any") == []


def test_every_rate_is_sane_and_published_ones_name_their_page() -> None:
    rates = [rate for each in RATES.values() for rate in each]

    assert all(0 < rate.rate <= 100 and rate.burst >= 1 for rate in rates)
    assert all(rate.source.startswith("https://docs.aws.amazon.com/") for rate in rates if rate.source)
    assert {rate.service for rate in rates if not rate.source} == {
        "Cloud Control",
        "CloudFormation",
        "CloudWatch Logs",
        "DynamoDB",
        "IAM",
        "SNS",
        "SSM",
        "the tagging API",
    }


class TestABucket:
    def make(self, rate: float, burst: float) -> tuple[Clock, TokenBucket]:
        clock = Clock()
        return clock, TokenBucket(Rate("Lambda", rate, burst), clock)

    def test_a_burst_goes_at_once_and_the_rest_in_turn(self) -> None:
        _, bucket = self.make(10, 10)
        waits = [bucket.reserve() for _ in range(18)]

        assert waits[:9] == [0.0] * 9
        assert waits[9:] == pytest.approx([index / 9 for index in range(1, 10)])

    def test_tokens_come_back_with_time(self) -> None:
        clock, bucket = self.make(10, 10)
        for _ in range(9):
            bucket.reserve()
        clock.sleep(1)

        assert [bucket.reserve() for _ in range(9)] == [0.0] * 9
        assert bucket.reserve() > 0

    def test_a_refusal_slows_it_down_once_a_second_and_it_recovers(self) -> None:
        clock, bucket = self.make(10, 10)
        full = bucket.per_second
        for _ in range(5):
            bucket.refused()
        assert bucket.per_second == pytest.approx(full * 0.7)
        assert bucket.reserve() > 0, "what was left of a burst is taken back"
        for _ in range(50):
            clock.sleep(2)
            bucket.refused()
        assert bucket.per_second == pytest.approx(full * 0.1, rel=0.3)
        clock.sleep(60)
        bucket.reserve()
        assert bucket.per_second == pytest.approx(full)


def test_a_wait_is_told_to_whoever_runs_the_thread_and_to_who_counts() -> None:
    clock = Clock()
    budgets = Budgets(clock, clock.sleep)
    here: list[Wait] = []
    everywhere: list[Wait] = []
    with heard_here(here.append), heard_everywhere(everywhere.append):
        budgets.wait("apigateway", "DeleteRestApi")
        assert here == []
        budgets.wait("apigateway", "DeleteRestApi")
        thread = threading.Thread(target=budgets.wait, args=("apigateway", "DeleteRestApi"))
        thread.start()
        thread.join()

    assert [wait.reason for wait in here] == [
        "waiting for the API limit of API Gateway's DeleteRestApi (1 call in 30 seconds)"
    ]
    assert 30 <= here[0].seconds < 35
    assert len(everywhere) == 2


def test_refusals_are_counted_by_service() -> None:
    refusals = Refusals()
    assert refusals.text() == ""
    for name in ("Lambda", "Lambda", "IAM", "Lambda"):
        refusals.hear(Wait("throttled", 0.0, name))
    refusals.hear(Wait("waiting for the API limit", 3.0))

    assert refusals.text() == "throttled by IAM, 1 retry; by Lambda, 3 retries"


def test_one_account_and_region_has_one_set_of_budgets() -> None:
    assert shared_budgets("shop", "eu-west-1") is shared_budgets("shop", "eu-west-1")
    assert shared_budgets("shop", "eu-west-1") is not shared_budgets("shop", "us-east-1")


class Throttle:
    """AWS's side of a limit: refuses a call to Lambda that finds its bucket empty, as of the test's clock."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self.clock, self.rate, self.burst, self.tokens, self.at = clock, rate, burst, burst, clock()
        self.asked = self.refused = 0

    def take(self) -> bool:
        """Whether a call is answered."""
        self.tokens = min(self.burst, self.tokens + (self.clock() - self.at) * self.rate)
        self.at = self.clock()
        self.asked += 1
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


def calls_of_a_function(throttle: Throttle, budgets: Budgets, waits: list[float]) -> Iterator[float]:
    """The calls to Lambda for one new function; yields how long each step takes, refused calls and retries too."""
    for operation in ("CreateFunction", "GetFunction", "AddPermission", "PublishVersion", "CreateAlias"):
        for tries in range(8):
            budgets.wait("lambda", operation)
            yield waits.pop() if waits else 0.0
            if operation == "GetFunction" or throttle.take():  # GetFunction has a limit of its own
                break
            budgets.refused("lambda", operation)
            yield min(20, 2**tries) / 2  # botocore's pause, on average
        yield 0.06


def deploy_seconds(functions: int, throttle: Throttle, budgets: Budgets, waits: list[float], clock: Clock) -> float:
    """Deploy functions, sixteen at once, on a simulated clock."""
    began, todo = clock.now, [calls_of_a_function(throttle, budgets, waits) for _ in range(functions)]
    running = [(clock.now, number, calls) for number, calls in enumerate(todo[:16])]
    waiting = enumerate(todo[16:], 16)
    while running:
        at, number, calls = heapq.heappop(running)
        clock.now = max(clock.now, at)
        seconds = next(calls, None)
        if seconds is None:
            number, calls = next(waiting, (number, iter(())))
            seconds = next(calls, None)
        if seconds is not None:
            heapq.heappush(running, (clock.now + seconds, number, calls))
    return clock.now - began


@pytest.mark.parametrize("burst", [1, 5, 15])
def test_sixty_functions_at_fifteen_calls_a_second_are_hardly_refused(burst: float) -> None:
    clock, waits = Clock(), list[float]()
    throttle = Throttle(clock, 15, burst)
    seconds = deploy_seconds(60, throttle, Budgets(clock, waits.append), waits, clock)

    assert throttle.asked >= 240
    assert throttle.refused / throttle.asked < 0.05
    assert seconds < 240 / 15 * 1.5, "and hardly slower than AWS allows"


def client(proxy: Proxy, **settings: Any) -> Any:
    return Clients(region=REGION, endpoint_url=proxy.endpoint_url, **settings)


def test_a_throttled_call_is_told_and_waits_as_long_as_aws_asks(faulty: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    refusal = Answer("TooManyRequestsException", "Too Many Requests", 429, (("Retry-After", "17"),))
    faulty.rules.append(Fault("ListFunctions", refusal, calls=(1, 2)))
    told: list[Wait] = []
    with heard_here(told.append):
        client(faulty)("lambda").list_functions()

    assert pauses == [17.0, 17.0]
    assert told == [
        Wait("throttled by Lambda, 1 retry", 17.0, "Lambda"),
        Wait("throttled by Lambda, 2 retries", 17.0, "Lambda"),
    ]
    assert faulty.count("ListFunctions") == 3


def test_an_endless_refusal_ends(faulty: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    refusal = Answer("TooManyRequestsException", "Too Many Requests", 429, (("Retry-After", "1"),))
    faulty.rules.append(Fault("ListFunctions", refusal))

    with pytest.raises(Exception, match="TooManyRequestsException"):
        client(faulty)("lambda").list_functions()
    assert faulty.count("ListFunctions") == 8


def test_a_budget_is_kept_before_the_call_is_sent(faulty: Proxy) -> None:
    clock = Clock()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.sleep(seconds)

    lambda_ = client(faulty, budgets=Budgets(clock, sleep))("lambda")
    for _ in range(20):
        lambda_.list_functions()

    assert len(waits) == 7, "13 of a burst of 15 go at once"
    assert clock() - 1000 == pytest.approx(6.5 / 13.5, abs=0.1)


def test_an_emulator_has_no_limits_unless_asked_for(faulty: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    assert budgets_for(client(faulty)("lambda"), "") is None
    monkeypatch.setenv(VARIABLE, "on")
    assert budgets_for(client(faulty)("lambda"), "") is shared_budgets("", REGION)
    monkeypatch.setenv(VARIABLE, "off")
    assert budgets_for(Clients(region=REGION)("lambda"), "") is None
    monkeypatch.delenv(VARIABLE)
    assert budgets_for(Clients(region=REGION)("lambda"), "") is shared_budgets("", REGION)
