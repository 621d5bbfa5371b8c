"""Errors name the resource, give AWS's reason and a way out, and never a secret."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
)

from stateroom.cloud.aws.errors import explained, translate
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.values import Secret


def refusal(code: str, message: str = "no", operation: str = "CreateFunction") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def test_awss_code_and_message_are_the_reason() -> None:
    error = translate(refusal("InvalidParameterValueException", "Handler is wrong"), "could not create shop-dev-f")

    assert error.lines()[:2] == ("could not create shop-dev-f", "InvalidParameterValueException: Handler is wrong")
    assert (error.code, error.operation) == ("InvalidParameterValueException", "CreateFunction")
    assert error.todo


def test_what_is_missing_is_an_error_of_its_own() -> None:
    assert isinstance(translate(refusal("ResourceNotFoundException"), "x"), NotFoundInCloudError)
    assert not isinstance(translate(refusal("AccessDenied"), "x"), NotFoundInCloudError)


def test_a_denied_call_says_what_to_allow() -> None:
    assert "allow CreateFunction" in translate(refusal("AccessDeniedException"), "x").todo


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (NoCredentialsError(), "aws configure"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "--endpoint-url"),
        (ProfileNotFound(profile="ana"), "list-profiles"),
        (refusal("ExpiredToken"), "aws sso login"),
        (refusal("ThrottlingException"), "again"),
        (ValueError("odd"), "report"),
    ],
)
def test_there_is_always_a_way_out(error: Exception, way_out: str) -> None:
    assert way_out in translate(error, "could not read it").todo


def test_an_error_that_is_none_of_botocores_keeps_its_kind_and_text() -> None:
    error = translate(ValueError("odd\n  and long"), "could not read it")

    assert type(error) is CloudError
    assert error.lines()[:2] == ("could not read it", "ValueError: odd and long")
    assert (error.code, error.operation) == ("ValueError", "")


def test_an_error_of_botocore_is_explained_and_keeps_its_kind() -> None:
    error = translate(NoCredentialsError(), "could not read it")

    assert type(error) is CloudError
    assert error.what == "could not read it"
    assert error.why.endswith(f": {NoCredentialsError()}")
    assert error.code == "NoCredentialsError"


def test_an_answer_without_what_it_has_to_hold_is_not_put_on_the_users_properties_alone() -> None:
    error = translate(KeyError("Configuration"), "could not read it")

    assert error.why == "the cloud's answer, or the resource's properties, have no 'Configuration'"
    assert "what answers at the endpoint" in error.todo


def test_secrets_are_struck_from_what_aws_repeats() -> None:
    inputs = {"Environment": {"Variables": {"KEY": Secret("hunter2!"), "PIN": Secret(98765)}}}
    message = "1 validation error: value 'hunter2!' or 98765 at 'environment' is too short"
    error = translate(refusal("ValidationException", message), "x", inputs)

    assert "hunter2!" not in str(error)
    assert "98765" not in str(error)
    assert "***" in error.why


def test_no_trace_of_the_original_is_left_where_secrets_could_be() -> None:
    with pytest.raises(CloudError) as caught, explained("could not do it", {"Key": Secret("hunter2!")}):
        raise ParamValidationError(report="Invalid value: hunter2!")

    assert caught.value.__suppress_context__
    assert "hunter2!" not in str(caught.value)


def test_a_message_is_one_line() -> None:
    assert "\n" not in translate(refusal("X", "first\nsecond"), "x").why
