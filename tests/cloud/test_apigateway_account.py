"""What is one an account and region: API Gateway's role for logs is shared, never taken from another, never removed."""

from __future__ import annotations

import pytest

from stateroom.cloud.aws.apigateway_account import AccountHandler, RestVpcLinkHandler
from stateroom.cloud.provider import Owner, ResourceData, run
from stateroom.cloud.session import open_aws
from stateroom.engine.planning.checks.steps import check_plan
from stateroom.engine.planning.planner import PlannedService
from stateroom.errors import CloudError
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Template
from tests.cloud.bench import Bench
from tests.cloud.sent import Recorder
from tests.support.emulators import Emulator

ROLE, OTHER = "arn:aws:iam::123456789012:role/shop-logs", "arn:aws:iam::123456789012:role/others-logs"
TYPE = "AWS::ApiGateway::Account"
OWNER = Owner("shop", "dev", "Account")


def role(emulator: Emulator) -> str | None:
    found = emulator.client("apigateway").get_account().get("cloudwatchRoleArn")
    return str(found) if found else None


def set_role(emulator: Emulator, arn: str) -> None:
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    emulator.client("apigateway").update_account(patchOperations=[operation])


def test_a_role_that_nobody_set_is_set_and_changed_and_stays_when_the_resource_goes(emulator: Emulator) -> None:
    account = Bench(AccountHandler, emulator.endpoint_url, {"CloudWatchRoleArn": ROLE})
    assert account.create()["CloudWatchRoleArn"] == ROLE
    assert account.change(CloudWatchRoleArn=OTHER)["CloudWatchRoleArn"] == OTHER

    account.delete()
    assert role(emulator) == OTHER


def test_the_role_of_another_is_neither_taken_nor_looked_over(emulator: Emulator) -> None:
    set_role(emulator, OTHER)
    provider = open_aws(region="eu-west-1", profile=None, endpoint_url=emulator.endpoint_url, artifacts=lambda _: b"")
    inputs = {"CloudWatchRoleArn": ROLE}

    assert provider.ownership(TYPE, inputs, OWNER) is not None
    with pytest.raises(CloudError, match="exists already and is another") as caught:
        run(provider.create(TYPE, inputs, OWNER), sleep=lambda _: None)
    assert OTHER in caught.value.why
    assert role(emulator) == OTHER


def test_the_same_role_is_shared_and_not_written_again(emulator: Emulator) -> None:
    set_role(emulator, ROLE)
    account = Bench(AccountHandler, emulator.endpoint_url, {"CloudWatchRoleArn": ROLE})

    assert account.create()["CloudWatchRoleArn"] == ROLE
    assert account.find() == account.id


def test_a_role_that_somebody_set_since_is_not_taken_back(emulator: Emulator) -> None:
    account = Bench(AccountHandler, emulator.endpoint_url, {"CloudWatchRoleArn": ROLE})
    account.create()
    set_role(emulator, OTHER)

    with pytest.raises(CloudError, match="is another"):
        account.change(CloudWatchRoleArn=f"{ROLE}-two")
    assert role(emulator) == OTHER


@pytest.mark.parametrize("type_", [TYPE, "Custom::ApiGatewayAccountRole"])
def test_a_plan_says_that_the_role_stays(type_: str) -> None:
    provider = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")
    step = Step("shop/Account", "shop", "Account", type_, Action.DELETE, physical_id="x")
    target = Template("shop", "shop", "dev", "eu-west-1", {})
    _, warnings = check_plan(PlannedService(ServicePlan("shop", (step,)), {}), target, provider)

    assert warnings == ("Account: it is the account's, so it stays as it is, and only leaves the state",)


def test_a_plan_says_that_the_role_is_not_this_services_alone() -> None:
    (problem,) = AccountHandler(Recorder(there=True)).problems({"CloudWatchRoleArn": ROLE})  # type: ignore[arg-type]
    assert (problem.fatal, problem.path) == (False, ("CloudWatchRoleArn",))


def test_a_link_that_ends_failed_says_why() -> None:
    """Shapes that botocore validates: no emulator lets a link fail."""
    handler = RestVpcLinkHandler(Recorder(there=True))  # type: ignore[arg-type]
    failed = {"id": "abc", "status": "FAILED", "statusMessage": "no such load balancer"}

    with pytest.raises(CloudError, match="did not become ready") as caught:
        run(handler.settle(ResourceData("abc"), failed), sleep=lambda _: None)
    assert caught.value.why == "no such load balancer"
