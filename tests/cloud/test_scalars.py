"""Texts for numbers and booleans, and the other way round: CloudFormation takes them, so calls do."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from stateroom.cloud.aws.apigateway_keys import ApiKeyHandler
from stateroom.cloud.aws.scalars import declared_scalars
from tests.cloud.bench import Bench
from tests.support.emulators import Emulator


def sent(service: str, operation: str, arguments: dict[str, Any]) -> Any:
    model = botocore.session.Session().get_service_model(service).operation_model(operation)
    return declared_scalars(arguments, model=model)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "expected"),
    [
        ("apigateway", "CreateApiKey", {"enabled": "true"}, {"enabled": True}),
        ("apigateway", "CreateApiKey", {"enabled": "FALSE"}, {"enabled": False}),
        ("apigateway", "CreateApiKey", {"enabled": "perhaps"}, {"enabled": "perhaps"}),
        ("apigateway", "CreateApiKey", {"tags": {"cost": 12}}, {"tags": {"cost": "12"}}),
        (
            "apigateway",
            "CreateUsagePlan",
            {"throttle": {"rateLimit": "1.5", "burstLimit": "20"}},
            {"throttle": {"rateLimit": 1.5, "burstLimit": 20}},
        ),
        ("lambda", "CreateFunction", {"MemorySize": "256", "Timeout": 6}, {"MemorySize": 256, "Timeout": 6}),
        ("lambda", "CreateFunction", {"MemorySize": "256MB"}, {"MemorySize": "256MB"}),
        (
            "lambda",
            "CreateFunction",
            {"Environment": {"Variables": {"A": True}}},
            {"Environment": {"Variables": {"A": "true"}}},
        ),
        ("dynamodb", "CreateTable", {"Tags": [{"Key": "n", "Value": 5}]}, {"Tags": [{"Key": "n", "Value": "5"}]}),
        ("lambda", "CreateFunction", {"Unheard": "true"}, {"Unheard": "true"}),
    ],
)
def test_scalars_are_sent_as_the_api_declares_them(
    service: str, operation: str, arguments: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = repr(arguments)
    assert sent(service, operation, arguments) == expected
    assert repr(arguments) == before  # they may be a resource's inputs


@pytest.mark.emulator
def test_a_key_that_is_enabled_by_a_text_is_enabled(emulator: Emulator) -> None:
    bench = Bench(ApiKeyHandler, emulator.endpoint_url, {"Name": "shop", "Enabled": "true"})
    assert bench.create()["Enabled"] is True
