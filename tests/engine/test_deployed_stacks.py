"""Whose CloudFormation stack it is: asked for by name, said before a first deploy, and never after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.cloud.provider import DeployedStack
from stateroom.engine.framework_outputs import framework_deploy_notes
from stateroom.errors import CloudError, PlanError
from tests.engine.lab import QUEUE, Config, Lab

STACK = DeployedStack("shop-orders-dev", "arn:orders", "UPDATE_COMPLETE", "AWS CDK")
SERVICES = ("orders", "billing")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    config = Config({name: {"Jobs": (QUEUE, {"QueueName": f"{name}-jobs"})} for name in SERVICES})
    return Lab(tmp_path, config)


def notes(lab: Lab, *, ask_cloud: bool = True) -> dict[str, str]:
    return framework_deploy_notes(lab.workspace, SERVICES, ask_cloud=ask_cloud)


def test_a_service_that_is_a_stack_is_said_to_be_one_and_by_whom(lab: Lab) -> None:
    lab.cloud.stacks["shop-orders-dev"] = STACK
    assert notes(lab) == {"orders": "deployed as CloudFormation stack shop-orders-dev by AWS CDK (arn:orders)"}
    lab.cloud.stacks["shop-orders-dev"] = DeployedStack("shop-orders-dev", "arn:orders", "UPDATE_COMPLETE", "")
    assert notes(lab) == {"orders": "deployed as CloudFormation stack shop-orders-dev (arn:orders)"}


def test_no_stack_is_asked_for_where_that_was_not_wished_or_there_is_a_state(lab: Lab) -> None:
    lab.cloud.stacks["shop-orders-dev"] = STACK
    assert notes(lab, ask_cloud=False) == {}
    lab.cloud.stacks.clear()
    lab.run()
    lab.cloud.stacks["shop-orders-dev"] = STACK
    assert notes(lab) == {}


def test_a_stack_that_may_not_be_asked_for_is_not_said_to_be_missing(lab: Lab) -> None:
    lab.cloud.fail["stack shop-orders-dev"] = CloudError("cannot ask", why="AccessDenied", todo="allow it")
    assert notes(lab) == {
        "orders": "whether it is deployed as a CloudFormation stack is not known: cannot ask; AccessDenied"
    }


def test_a_first_deploy_beside_a_stack_is_refused_and_names_it(lab: Lab) -> None:
    lab.cloud.stacks["shop-billing-dev"] = DeployedStack("shop-billing-dev", "arn:billing", "CREATE_COMPLETE", "")
    with pytest.raises(PlanError, match="billing is deployed as CloudFormation stack") as refused:
        lab.plan()
    assert refused.value.what == "billing is deployed as CloudFormation stack shop-billing-dev"
    assert "arn:billing is CREATE_COMPLETE" in refused.value.why
    assert not lab.plan(deployer="direct").empty
