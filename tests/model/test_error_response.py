"""AWS's error responses, told by their shape."""

from __future__ import annotations

from botocore.exceptions import ClientError, ReadTimeoutError

from stateroom.model.problems.error_response import ErrorResponse, error_code, error_response


def test_a_client_error_has_code_message_operation_and_status() -> None:
    error = ClientError(
        {"Error": {"Code": "NoSuchKey", "Message": "gone"}, "ResponseMetadata": {"HTTPStatusCode": 404}},
        "GetObject",
    )
    assert error_response(error) == ErrorResponse("NoSuchKey", "gone", "GetObject", 404)
    assert error_code(error) == "NoSuchKey"


def test_what_a_response_does_not_say_is_empty() -> None:
    assert error_response(ClientError({}, "GetObject")) == ErrorResponse(operation="GetObject")


def test_an_error_that_no_service_answered_has_none() -> None:
    broken = ReadTimeoutError(endpoint_url="http://127.0.0.1:1")  # botocore gives it `response`, which is None
    assert error_response(broken) is None
    assert error_response(ValueError("no")) is None
    assert error_code(broken) == ""
