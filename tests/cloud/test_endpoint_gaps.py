"""What an endpoint that is not AWS's lacks is said to be the endpoint's lack, not a mistake in the config."""

from __future__ import annotations

import pytest

from stateroom.cloud.aws.endpoint_gaps import gap
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Task
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.problems.error_response import ErrorResponse
from stateroom.model.resource import Live
from tests.cloud.bench import OWNER, clients_for
from tests.support.emulators import Emulator

HERE = "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidAction", "Unknown action: PutDataProtectionPolicy"),
        ("InvalidAction", "The action StartMessageMoveTask is not valid for this endpoint."),
        ("UnknownOperationException", ""),
        ("NotFoundException", "Unknown API Gateway path: /v2/domainnames/x/routingrules"),
        ("BadRequestException", "No route for GET /api/v2/clusters."),
        ("InternalFailure", "API action 'CreateMap' for service 'location' not yet implemented"),
        ("ValidationException", "Value '' at 'eventSourceArn' failed to satisfy constraint"),
        ("404", "<!doctype html>"),
        ("500", "Internal Server Error"),
    ],
)
def test_an_answer_that_says_so_is_a_gap_of_the_endpoint_and_never_of_aws(code: str, message: str) -> None:
    response = ErrorResponse(code, message, "CreateMap", 400)
    assert gap(response, HERE).startswith(f"{HERE} ")
    assert "CreateMap" in gap(response, HERE)
    assert gap(response, None) == ""
    assert gap(response, "https://geo.eu-west-1.amazonaws.com") == ""


@pytest.mark.parametrize(
    ("code", "message", "operation"),
    [
        ("ValidationException", "MemorySize must be at most 10240", "CreateFunction"),
        ("NotFoundException", "Invalid API identifier specified", "CreateRoute"),
        ("ResourceNotFoundException", "Function not found: x", "GetFunction"),
        ("404", "Not Found", "HeadBucket"),
    ],
)
def test_a_refusal_is_none(code: str, message: str, operation: str) -> None:
    assert gap(ErrorResponse(code, message, operation, 404), HERE) == ""


def run(task: Task[Live]) -> Live:
    while True:
        try:
            next(task)
        except StopIteration as stop:
            made: Live = stop.value
            return made


def refusal(emulator: Emulator, type_: str, inputs: dict[str, object]) -> CloudError:
    provider = AwsProvider(clients_for(emulator.endpoint_url), lambda _sha256: b"")
    with pytest.raises(CloudError) as caught:
        run(provider.create(type_, inputs, OWNER))
    return caught.value


@pytest.mark.emulator
def test_what_an_emulator_says_it_has_made_and_does_not_find_is_not_waited_for(
    ministack: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stateroom.cloud.aws.cloudcontrol.CloudControlHandler.read", lambda *_: None)
    error = refusal(ministack, "AWS::DAX::ParameterGroup", {"ParameterGroupName": "shop"})
    assert isinstance(error, NotFoundInCloudError)
    assert "that endpoint only pretends to have the type" in error.why
    assert ministack.endpoint_url in error.why


@pytest.mark.emulator
def test_a_compound_identifier_that_the_emulator_makes_in_its_own_way_is_read_back(ministack: Emulator) -> None:
    provider = AwsProvider(clients_for(ministack.endpoint_url), lambda _sha256: b"")
    inputs = {"ApiId": "abc", "Name": "articles", "TypeName": "Query", "FieldName": "articles"}
    live = run(provider.create("AWS::AppSync::Resolver", inputs, OWNER))
    again = provider.read("AWS::AppSync::Resolver", live.physical_id, inputs)
    assert again is not None
    assert again.properties["FieldName"] == "articles"
