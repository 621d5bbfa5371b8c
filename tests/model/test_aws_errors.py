"""Each error of AWS's has the way out of its class, and "run it again" stands only where that may help."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from stateroom.cloud.aws.errors import translate
from stateroom.errors import CloudError, LockedError, PassphraseError, StateConflictError, StateError
from stateroom.model.problems.aws_errors import ErrorKind, advice, error_kind
from stateroom.state.stores.aws import explained

CODES = {
    ("ExpiredToken", 400): ErrorKind.SIGN_IN,
    ("ExpiredTokenException", 403): ErrorKind.SIGN_IN,
    ("InvalidClientTokenId", 403): ErrorKind.KEYS,
    ("UnrecognizedClientException", 400): ErrorKind.KEYS,
    ("SignatureDoesNotMatch", 403): ErrorKind.KEYS,
    ("RequestTimeTooSkewed", 403): ErrorKind.CLOCK,
    ("AccessDenied", 403): ErrorKind.DENIED,
    ("AccessDeniedException", 400): ErrorKind.DENIED,
    ("UnauthorizedOperation", 403): ErrorKind.DENIED,
    ("OptInRequired", 403): ErrorKind.UNSUBSCRIBED,
    ("Throttling", 400): ErrorKind.PASSING,
    ("SlowDown", 503): ErrorKind.PASSING,
    ("InternalError", 500): ErrorKind.PASSING,
    ("AnythingAtAll", 502): ErrorKind.PASSING,
    ("AnythingAtAll", 429): ErrorKind.PASSING,
    ("OperationAborted", 409): ErrorKind.CONFLICT,
    ("ConcurrentModificationException", 400): ErrorKind.CONFLICT,
    ("LimitExceededException", 400): ErrorKind.QUOTA,
    ("TooManyBuckets", 400): ErrorKind.QUOTA,
    ("ServiceQuotaExceededException", 402): ErrorKind.QUOTA,
    ("BucketAlreadyExists", 409): ErrorKind.TAKEN,
    ("EntityAlreadyExists", 409): ErrorKind.TAKEN,
    ("NoSuchEntity", 404): ErrorKind.ABSENT,
    ("ResourceNotFoundException", 400): ErrorKind.ABSENT,
    ("AWS.SimpleQueueService.NonExistentQueue", 400): ErrorKind.ABSENT,
    ("ValidationException", 400): ErrorKind.VALUE,
    ("InvalidParameterValueException", 400): ErrorKind.VALUE,
    ("MalformedPolicyDocument", 400): ErrorKind.VALUE,
    ("CodeVerificationFailedException", 400): ErrorKind.UNKNOWN,
    ("", 0): ErrorKind.UNKNOWN,
}
PASSING = {ErrorKind.PASSING, ErrorKind.CONFLICT}
WAY_OUT = {
    ErrorKind.SIGN_IN: "aws sso login",
    ErrorKind.KEYS: "check the keys",
    ErrorKind.CLOCK: "clock",
    ErrorKind.DENIED: "allow CreateThing",
    ErrorKind.UNSUBSCRIBED: "turn the service on",
    ErrorKind.PASSING: "run the same command again",
    ErrorKind.CONFLICT: "run the same command again",
    ErrorKind.QUOTA: "higher quota",
    ErrorKind.TAKEN: "another name",
    ErrorKind.ABSENT: "exists in this account and region",
    ErrorKind.VALUE: "correct the resource's properties",
    ErrorKind.UNKNOWN: "AWS's documentation",
}


def answer(code: str, status: int) -> ClientError:
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "CreateThing")


@pytest.mark.parametrize(("code", "status"), list(CODES))
def test_an_error_of_the_cloud_has_the_way_out_of_its_class(code: str, status: int) -> None:
    kind = CODES[code, status]
    assert error_kind(code, status) is kind
    error = translate(answer(code or "Odd", status), "could not make it")
    assert WAY_OUT[kind] in error.todo
    assert error.passes is (kind in PASSING)
    if not error.passes:  # it is never the only thing to do
        assert not error.todo.startswith("run the same command again")


@pytest.mark.parametrize(("code", "status"), list(CODES))
def test_an_error_of_a_home_says_try_again_only_where_that_may_help(code: str, status: int) -> None:
    with pytest.raises(StateError) as caught, explained("cannot read it", needs="s3:GetObject"):
        raise answer(code or "Odd", status)
    again = "again" in caught.value.todo and "sign in again" not in caught.value.todo
    assert caught.value.todo
    assert again is (CODES[code, status] in {*PASSING, ErrorKind.CLOCK, ErrorKind.QUOTA})


def test_advice_to_sign_in_names_the_profile() -> None:
    with pytest.raises(StateError) as caught, explained("cannot read it", profile="shop"):
        raise answer("ExpiredToken", 400)
    assert "aws sso login --profile shop" in caught.value.todo


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ReadTimeoutError(endpoint_url="https://sqs"), True),
        (EndpointConnectionError(endpoint_url="https://sqs"), False),
        (ConnectTimeoutError(endpoint_url="https://sqs"), False),
        (NoCredentialsError(), False),
        (BotoCoreError(), False),
        (ValueError("odd"), False),
    ],
)
def test_what_never_reached_aws_passes_only_where_the_connection_broke(error: Exception, passes: bool) -> None:
    assert translate(error, "could not make it").passes is passes


def test_a_lock_and_a_conflict_pass_and_what_a_person_has_to_mend_does_not() -> None:
    assert LockedError("held").passes
    assert StateConflictError("moved").passes
    assert not PassphraseError("wrong").passes
    assert not CloudError("no").passes


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_class_has_a_way_out(kind: ErrorKind) -> None:
    assert advice(kind, "x")
