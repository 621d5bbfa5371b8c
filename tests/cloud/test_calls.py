"""Waiting, retrying and error codes, driven by fake calls; and clients that do not wait for an endpoint in vain."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, HTTPClientError

from stateroom.cloud.aws.calls import Clients, in_background, none_if_missing, retry_while, wait_until
from stateroom.cloud.provider import Pause, Task, run
from stateroom.errors import CloudError
from stateroom.model.problems.error_response import error_code
from tests.support.emulators import REGION, free_port


class FakeClientError(Exception):
    """What botocore raises, as far as anyone looks at it."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message)
        self.response = {"Error": {"Code": code, "Message": message}}


def failing(*outcomes: Exception | str) -> Callable[[], str]:
    """A call that raises or returns each outcome in turn."""
    queue = list(outcomes)

    def call() -> str:
        outcome = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return call


def pauses_of(task: Task[Any]) -> tuple[list[Pause], Any]:
    seen: list[Pause] = []
    while True:
        try:
            progress = next(task)
        except StopIteration as stop:
            return seen, stop.value
        assert isinstance(progress, Pause)
        seen.append(progress)


ROLE = FakeClientError(
    "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
)
RETRIED = {"InvalidParameterValueException": ("cannot be assumed",), "Busy": ()}


def test_a_call_is_repeated_while_its_error_is_one_that_time_heals() -> None:
    pauses, result = pauses_of(retry_while(failing(ROLE, FakeClientError("Busy"), "made"), RETRIED, "waiting for IAM"))

    assert result == "made"
    assert [pause.reason for pause in pauses] == ["waiting for IAM"] * 2


def test_the_same_code_with_another_message_fails_at_once() -> None:
    wrong = FakeClientError("InvalidParameterValueException", "Handler is too long")

    with pytest.raises(FakeClientError, match="too long"):
        run(retry_while(failing(wrong), RETRIED, ""), sleep=_never)


def test_retrying_ends_with_the_last_error_after_the_deadline() -> None:
    waited: list[float] = []

    with pytest.raises(FakeClientError, match="cannot be assumed"):
        run(retry_while(failing(ROLE), RETRIED, "", deadline=30), sleep=waited.append)
    assert 30 <= sum(waited) < 35


def test_waiting_asks_first_and_pauses_only_when_it_has_to() -> None:
    pauses, _ = pauses_of(wait_until(lambda: True, "waiting"))

    assert pauses == []


def test_pauses_grow_up_to_two_seconds_so_that_polling_does_not_flood_an_api() -> None:
    answers = iter([False] * 20 + [True])
    pauses, _ = pauses_of(wait_until(lambda: next(answers), "waiting"))

    assert pauses[0].seconds < 0.15
    assert max(pause.seconds for pause in pauses) <= 2.4
    assert sum(pause.seconds for pause in pauses[:6]) < 3


def test_a_call_in_the_background_gives_its_answer_or_its_error_to_who_asks() -> None:
    answer, error = in_background(lambda: 42), in_background(failing(ROLE))

    assert answer() == 42
    with pytest.raises(FakeClientError, match="cannot be assumed"):
        error()


def test_giving_up_says_what_was_waited_for_and_what_to_do() -> None:
    with pytest.raises(CloudError, match="waiting for it") as caught:
        run(wait_until(lambda: False, "waiting for it", deadline=10), sleep=lambda _: None)
    assert caught.value.why
    assert caught.value.todo


@pytest.mark.parametrize("code", ["NoSuchEntity", "ResourceNotFoundException", "QueueDoesNotExist", "Special"])
def test_what_is_not_there_reads_as_none(code: str) -> None:
    assert none_if_missing(failing(FakeClientError(code)), "Special") is None


def test_a_refusal_is_not_taken_for_absence() -> None:
    with pytest.raises(FakeClientError):
        none_if_missing(failing(FakeClientError("AccessDenied")))
    with pytest.raises(ValueError, match="no code"):
        none_if_missing(failing(ValueError("no code")))


def test_only_client_errors_have_a_code() -> None:
    assert error_code(FakeClientError("Throttling")) == "Throttling"
    assert error_code(OSError("nobody home")) == ""


@pytest.mark.emulator
def test_an_endpoint_where_nobody_listens_fails_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = Clients(region=REGION, endpoint_url=f"http://127.0.0.1:{free_port()}")
    clients("sts")
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    with pytest.raises(Exception, match="Could not connect"):
        clients("sts").get_caller_identity()
    assert sum(pauses) < 5, "a connection is refused at once, so pauses are all that it takes"


def test_one_client_a_service() -> None:
    clients = Clients(region=REGION, endpoint_url="http://127.0.0.1:1")

    assert clients("sqs") is clients("sqs")
    assert clients("sqs").meta.endpoint_url == "http://127.0.0.1:1"
    assert clients("iam").meta.endpoint_url == "http://127.0.0.1:1"


@pytest.mark.emulator
def test_importing_the_provider_loads_no_boto3() -> None:
    modules = "import sys, stateroom.cloud.aws.provider, stateroom.cloud.session; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", modules], capture_output=True, text=True, check=True).stdout.split()

    assert "stateroom.cloud.session" in loaded
    assert not {"boto3", "botocore"} & set(loaded)


def _never(seconds: float) -> None:
    raise AssertionError(f"paused for {seconds} s")


@pytest.mark.parametrize(
    ("error", "reached", "attempts"),
    [
        (ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"), False, 1),
        (ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"), True, 3),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), False, 2),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), True, 5),
    ],
)
def test_an_endpoint_that_never_answered_is_given_up_sooner(error: Exception, reached: bool, attempts: int) -> None:
    clients, operation = Clients(), SimpleNamespace(name="ListTopics")
    if reached:
        clients._before_retry(operation=operation, attempts=1, caught_exception=None)

    for earlier in range(1, attempts):
        clients._before_retry(operation=operation, attempts=earlier, caught_exception=error)
    for late in (attempts, attempts + 1):
        with pytest.raises(type(error)):
            clients._before_retry(operation=operation, attempts=late, caught_exception=error)


def test_a_create_that_would_double_is_not_repeated_when_its_connection_breaks() -> None:
    clients, error = Clients(), HTTPClientError(error="broken")

    clients._before_retry(operation=SimpleNamespace(name="ListTopics"), attempts=1, caught_exception=error)
    with pytest.raises(HTTPClientError):
        clients._before_retry(operation=SimpleNamespace(name="CreateRestApi"), attempts=1, caught_exception=error)


def test_a_client_of_another_region_is_another_client() -> None:
    """For subscriptions to topics of other regions."""
    clients = Clients(region=REGION, endpoint_url="http://127.0.0.1:1")

    assert clients("sns", "us-east-1").meta.region_name == "us-east-1"
    assert clients("sns").meta.region_name == REGION
    assert clients("sns", "us-east-1") is clients("sns", "us-east-1")
