"""A create that was refused for good has made nothing; everything that may have made something says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from stateroom.cloud.aws.attempt import is_refusal
from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Identified, Owner, Pause, ReadRequest, ResourceData, Task, run
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.values import Secret

OWNER = Owner("shop", "dev", "Thing", "lineage")
KIND = "AWS::Example::Thing"


def answer(code: str, status: int = 400, operation: str = "CreateThing", repeated: int = 0) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status, "RetryAttempts": repeated}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}, operation)


class Thing(AwsHandler):
    """A handler whose create goes as far as a test says."""

    type = KIND
    steps: list[Any] = []  # noqa: RUF012 - set by each test

    def create(self, resource: ResourceData) -> Task[str]:
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield step
        return "thing"

    def read(self, resource: ResourceData) -> Any:
        raise self.trouble

    def locate(self, resource: ResourceData) -> Any:
        raise self.trouble

    trouble: Exception = KeyError("Answer")


def provider(*steps: Any, trouble: Exception | None = None) -> AwsProvider:
    made = AwsProvider(Clients(region="eu-west-1"), lambda _: b"")
    thing = Thing(None)  # type: ignore[arg-type]
    thing.steps, thing.trouble = list(steps), trouble or KeyError("Answer")
    made._handlers = {KIND: thing}  # type: ignore[assignment]
    return made


def refused(*steps: Any) -> bool:
    with pytest.raises(CloudError) as caught:
        run(provider(*steps).create(KIND, {"Key": "value"}, OWNER), sleep=lambda _: None)
    return caught.value.refused


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("BucketAlreadyExists", 409),
        ("AccessDenied", 403),
        ("AccessDeniedException", 400),
        ("ValidationException", 400),
        ("LimitExceededException", 400),
        ("ResourceNotFoundException", 404),
    ],
)
def test_an_answer_that_blames_the_request_has_made_nothing(code: str, status: int) -> None:
    assert refused(answer(code, status))
    assert refused(Pause(0.0, "waiting"), answer(code, status))


@pytest.mark.parametrize(
    "error",
    [
        answer("ThrottlingException"),
        answer("RequestLimitExceeded"),
        answer("TooManyRequestsException", 429),
        answer("RequestTimeout"),
        answer("InternalFailure", 500),
        answer("ServiceUnavailable", 503),
        answer("AccessDenied", 403, repeated=1),
        answer("AccessDeniedException", 400, operation="GetResourceRequestStatus"),
        KeyError("Answer"),
        ConnectionResetError("gone"),
        CloudError("gave up after 300 s", code="Timeout"),
    ],
    ids=repr,
)
def test_trouble_on_the_way_may_have_made_something(error: Exception) -> None:
    assert not refused(error)


def test_what_is_refused_after_it_was_made_is_not_undone_by_the_refusal() -> None:
    assert not refused(Identified("thing"), answer("AccessDenied", 403, "TagThing"))


def test_after_an_answer_was_lost_no_refusal_is_certain() -> None:
    made = provider(trouble=answer("AccessDenied", 403, "ListThings"))
    lost: list[Any] = [ReadTimeoutError(endpoint_url="x"), answer("ValidationException")]
    made._handlers[KIND].create = lambda *_: _raised(lost.pop(0))  # type: ignore[index]
    with pytest.raises(CloudError) as caught:
        run(made.create(KIND, {}, OWNER), sleep=lambda _: None)
    assert not caught.value.refused


def _raised(error: Exception) -> Task[str]:
    yield from ()
    raise error


def test_a_type_without_a_handler_has_made_nothing() -> None:
    with pytest.raises(CloudError) as caught:
        run(provider().create("AWS::Example::Other", {}, OWNER))
    assert caught.value.refused


def test_a_refusal_needs_an_answer() -> None:
    assert not is_refusal(ValueError("no"))
    assert is_refusal(answer("Whatever", 404))


def test_whatever_a_handler_raises_is_a_cloud_error_without_secrets() -> None:
    made = provider(trouble=ValueError("hunter2 is no number"))
    inputs = {"Key": Secret("hunter2")}
    questions: list[Callable[[], Any]] = [
        lambda: made.read(KIND, "thing", inputs),
        lambda: made.find(KIND, inputs, OWNER),
        lambda: made.ownership(KIND, inputs, OWNER),
        lambda: made.contested(KIND, "thing", inputs, OWNER),
    ]
    for ask in questions:
        with pytest.raises(CloudError, match="could not") as caught:
            ask()
        assert (caught.value.code, "hunter2" in str(caught.value)) == ("ValueError", False)
    (reading,) = made.read_many([ReadRequest("key", KIND, "thing", inputs)], lambda: False)
    assert reading.error is not None
    assert not isinstance(reading.error, NotFoundInCloudError)
