from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.lambda_url import EventInvokeConfigHandler, UrlHandler
from tests.cloud.bench import Bench, agrees
from tests.cloud.test_aws_provider import function_inputs
from tests.support.emulators import REGION, Emulator


@pytest.fixture
def function(emulator: Emulator) -> str:
    """The ARN of a function."""
    inputs = function_inputs(emulator.client)
    made = emulator.client("lambda").create_function(
        FunctionName=inputs["FunctionName"],
        Runtime=inputs["Runtime"],
        Handler=inputs["Handler"],
        Role=inputs["Role"],
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )
    return str(made["FunctionArn"])


def test_a_function_gets_an_address(emulator: Emulator, function: str) -> None:
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["GET"]}
    url = Bench(UrlHandler, emulator.endpoint_url, {"TargetFunctionArn": function, "AuthType": "NONE", "Cors": cors})
    assert url.find() is None

    model = url.create()

    assert agrees(model, {"TargetFunctionArn": function, "AuthType": "NONE"})
    assert {name: model["Cors"][name] for name in cors} == cors
    assert model["FunctionUrl"].startswith("http")
    assert url.find() == url.id == model["FunctionArn"]
    assert url.change(AuthType="AWS_IAM")["AuthType"] == "AWS_IAM"
    url.delete()
    url.delete()
    assert not url.exists()


def test_what_becomes_of_asynchronous_invocations(emulator: Emulator, function: str) -> None:
    emulator.client("sqs").create_queue(QueueName="failed")
    queue = f"arn:aws:sqs:{REGION}:{emulator.account}:failed"
    inputs: dict[str, Any] = {
        "FunctionName": function.rsplit(":", 1)[-1],
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnFailure": {"Destination": queue}},
        "MaximumRetryAttempts": 1,
    }
    config = Bench(EventInvokeConfigHandler, emulator.endpoint_url, inputs)

    assert agrees(config.create(), inputs)
    assert config.find() == config.id
    if emulator.name != "moto":  # which keeps the first settings
        assert config.change(MaximumRetryAttempts=0)["MaximumRetryAttempts"] == 0
    config.delete()
    config.delete()
    assert not config.exists()
