"""Which stack a physical id is part of: every answer but a clear one is no answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from stateroom.cloud.aws.stacks import StackLookUp


class CloudFormation:
    """Answers DescribeStackResources with a list of resources, or an error."""

    def __init__(self, *resources: dict[str, str], error: Exception | None = None) -> None:
        self.resources = resources
        self.error = error
        self.asked: list[str] = []

    def __call__(self, service: str) -> CloudFormation:
        assert service == "cloudformation"
        return self

    def describe_stack_resources(self, PhysicalResourceId: str) -> dict[str, Any]:
        self.asked.append(PhysicalResourceId)
        if self.error:
            raise self.error
        return {"StackResources": list(self.resources)}


def refusing(code: str) -> CloudFormation:
    return CloudFormation(error=ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeStackResources"))


def resource(physical_id: str, status: str = "CREATE_COMPLETE") -> dict[str, str]:
    return {"StackName": "theirs-dev", "PhysicalResourceId": physical_id, "ResourceStatus": status}


def look_up(cloud: CloudFormation, physical_id: str = "q") -> str | None:
    return StackLookUp(cloud).of(physical_id)  # type: ignore[arg-type]


def test_a_resource_of_a_stack_names_the_stack() -> None:
    assert look_up(CloudFormation(resource("other"), resource("q"))) == "theirs-dev"


@pytest.mark.parametrize("resources", [[], [resource("other")], [resource("q", "DELETE_COMPLETE")]])
def test_what_no_stack_has_any_more_is_nobodys(resources: list[dict[str, str]]) -> None:
    assert look_up(CloudFormation(*resources)) == ""


def test_what_no_stack_ever_had_is_nobodys() -> None:
    assert look_up(refusing("ValidationError")) == ""


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling", "InternalFailure", "ExpiredToken"])
def test_a_refusal_is_never_taken_for_nobodys(code: str) -> None:
    assert look_up(refusing(code)) is None


def test_an_endpoint_that_is_not_there_does_not_say_nobodys() -> None:
    assert look_up(CloudFormation(error=EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))) is None


def test_each_id_is_asked_once_also_from_many_threads() -> None:
    cloud = CloudFormation(resource("q"))
    stacks = StackLookUp(cloud)  # type: ignore[arg-type]
    assert [stacks.of("q"), stacks.of("r"), stacks.of("q"), stacks.of("r")] == ["theirs-dev", "", "theirs-dev", ""]
    assert cloud.asked == ["q", "r"]

    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(stacks.of("s"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [""] * 8
