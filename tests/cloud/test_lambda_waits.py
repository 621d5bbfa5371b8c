"""Waits of versions and aliases for what Lambda starts: each shown, each with an end."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from stateroom.cloud.aws.lambda_alias import AliasHandler
from stateroom.cloud.aws.lambda_function import FunctionHandler
from stateroom.cloud.aws.lambda_version import VersionHandler
from stateroom.cloud.aws.s3_website import website_url
from stateroom.cloud.provider import Owner, Pause, ResourceData, Task
from stateroom.errors import CloudError
from tests.cloud.bench import Bench
from tests.cloud.sent import Recorder
from tests.support.lags import Clock

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop"
OWNER = Owner("shop", "dev", "Version")


def handler_on(kind: Any, **calls: Any) -> Any:
    return kind(lambda _: SimpleNamespace(**calls))


def publishing(states: Iterator[dict[str, str]], first: str = "Pending") -> Any:
    def get_function(FunctionName: str, Qualifier: str = "") -> dict[str, Any]:
        return {"Configuration": next(states) if Qualifier else {}, "Tags": {}}

    return handler_on(
        VersionHandler,
        get_function=get_function,
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: []),
        publish_version=lambda **_: {"Version": "7", "FunctionArn": f"{ARN}:7", "State": first},
    )


def provisioning(states: Iterator[dict[str, str]]) -> Any:
    return handler_on(
        AliasHandler,
        put_provisioned_concurrency_config=lambda **_: None,
        get_provisioned_concurrency_config=lambda **_: {
            "RequestedProvisionedConcurrentExecutions": 2,
            **next(states),
        },
    )


def waited(task: Task[Any], clock: Clock) -> list[str]:
    """Run a task on a clock; return what it waited for."""
    reasons = []
    for progress in task:
        if isinstance(progress, Pause):
            clock.sleep(progress.seconds)
            reasons.append(progress.reason)
    return reasons


def forever(**state: str) -> Iterator[dict[str, str]]:
    while True:
        yield state


VERSION = ResourceData(inputs={"FunctionName": "shop"}, owner=OWNER)
ALIAS_INPUTS = {
    "FunctionName": "shop",
    "Name": "live",
    "FunctionVersion": "7",
    "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
}
ALIAS = ResourceData(f"{ARN}:live", ALIAS_INPUTS, changed=frozenset({"ProvisionedConcurrencyConfig"}))


def test_a_version_with_snap_start_is_ready_only_when_its_snapshot_is() -> None:
    states = iter([{"State": "Pending"}] * 3 + [{"State": "Active"}])

    assert waited(publishing(states).create(VERSION), Clock()) == ["waiting for version 7 to be initialised"] * 3


def test_a_version_that_is_active_at_once_costs_no_further_call() -> None:
    assert waited(publishing(iter(()), "Active").create(VERSION), Clock()) == []


def test_a_snapshot_that_fails_is_told_with_lambdas_reason() -> None:
    failed = iter(
        [{"State": "Failed", "StateReason": "init timed out", "StateReasonCode": "FunctionError.InitTimeout"}]
    )

    with pytest.raises(CloudError, match="version 7 of shop did not become active") as caught:
        waited(publishing(failed).create(VERSION), Clock())
    assert caught.value.why == "init timed out"
    assert caught.value.code == "FunctionError.InitTimeout"


def test_provisioned_concurrency_is_waited_for() -> None:
    states = iter([{"Status": "IN_PROGRESS"}] * 2 + [{"Status": "READY"}])

    assert waited(provisioning(states).update(ALIAS), Clock()) == ["waiting for provisioned concurrency"] * 2


def test_a_version_of_its_own_is_provisioned_and_waited_for() -> None:
    states, asked = iter([{"Status": "IN_PROGRESS"}, {"Status": "READY"}]), []
    handler = handler_on(
        VersionHandler,
        get_function=lambda **_: {"Configuration": {}, "Tags": {}},
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: []),
        publish_version=lambda **_: {"Version": "7", "FunctionArn": f"{ARN}:7", "State": "Active"},
        put_runtime_management_config=lambda **sent: asked.append(sent),
        put_provisioned_concurrency_config=lambda **sent: asked.append(sent),
        get_provisioned_concurrency_config=lambda **_: {"RequestedProvisionedConcurrentExecutions": 2, **next(states)},
    )
    inputs = {
        "FunctionName": "shop",
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": "2"},
        "RuntimePolicy": {"UpdateRuntimeOn": "FunctionUpdate"},
    }

    waits = waited(handler.create(ResourceData(inputs=inputs, owner=OWNER)), Clock())
    assert waits == ["waiting for provisioned concurrency"]
    where = {"FunctionName": ARN, "Qualifier": "7"}
    assert asked == [where | {"UpdateRuntimeOn": "FunctionUpdate"}, where | {"ProvisionedConcurrentExecutions": 2}]


def test_provisioned_concurrency_that_fails_is_told() -> None:
    with pytest.raises(CloudError, match="no provisioned concurrency") as caught:
        waited(provisioning(forever(Status="FAILED", StatusReason="too many")).update(ALIAS), Clock())
    assert caught.value.why == "too many"


@pytest.mark.parametrize(
    "task",
    [
        publishing(forever(State="Pending")).create(VERSION),
        provisioning(forever(Status="IN_PROGRESS")).update(ALIAS),
    ],
    ids=["version", "provisioned concurrency"],
)
def test_nobody_waits_for_ever(task: Task[Any]) -> None:
    clock = Clock()
    with pytest.raises(CloudError, match="gave up after 900 s"):
        waited(task, clock)
    assert 900 <= clock() - 1000 < 910


@pytest.mark.parametrize(
    ("region", "suffix", "url"),
    [
        ("eu-west-1", "amazonaws.com", "http://shop.s3-website-eu-west-1.amazonaws.com"),
        ("us-east-1", "amazonaws.com", "http://shop.s3-website-us-east-1.amazonaws.com"),
        ("eu-central-1", "amazonaws.com", "http://shop.s3-website.eu-central-1.amazonaws.com"),
        ("us-east-2", "amazonaws.com", "http://shop.s3-website.us-east-2.amazonaws.com"),
        ("ap-south-1", "amazonaws.com", "http://shop.s3-website.ap-south-1.amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn", "http://shop.s3-website.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_website_is_served_where_its_region_says(region: str, suffix: str, url: str) -> None:
    assert website_url("shop", region, suffix) == url


def test_a_functions_loops_are_let_run_and_stopped_again(ministack: Any) -> None:
    """Not on moto, which has no such call."""
    role = ministack.client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": "def handler(event, context): pass"}
    inputs = {"FunctionName": "shop", "Role": role, "Runtime": "python3.11", "Handler": "index.handler", "Code": code}
    function = Bench(FunctionHandler, ministack.endpoint_url, {**inputs, "RecursiveLoop": "Allow"})

    def ask() -> str:
        return str(ministack.client("lambda").get_function_recursion_config(FunctionName="shop")["RecursiveLoop"])

    assert (function.create()["RecursiveLoop"], ask()) == ("Allow", "Allow")
    assert "RecursiveLoop" not in function.change(RecursiveLoop=None)
    assert ask() == "Terminate"


@pytest.mark.parametrize(
    ("inputs", "calls"),
    [
        ({"RuntimeManagementConfig": {"UpdateRuntimeOn": "FunctionUpdate"}}, ["PutRuntimeManagementConfig"]),
        ({}, ["DeleteFunctionCodeSigningConfig", "PutFunctionRecursionConfig", "PutRuntimeManagementConfig"]),
    ],
    ids=["set", "unset"],
)
def test_settings_with_calls_of_their_own_are_sent_as_the_api_takes_them(
    inputs: dict[str, Any], calls: list[str]
) -> None:
    recorder = Recorder(there=True)
    changed = frozenset(inputs) or frozenset({"CodeSigningConfigArn", "RecursiveLoop", "RuntimeManagementConfig"})
    handler = FunctionHandler(recorder)  # type: ignore[arg-type]
    list(handler.update(ResourceData("shop", inputs, {}, changed, OWNER)))

    assert recorder.invalid == []
    assert [name for name, _ in recorder.calls if name.startswith(("Put", "Delete"))] == calls
