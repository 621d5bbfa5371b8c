"""Services on stages of their own, and states whose resources are in another region than this run is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.requests import Control, Request
from stateroom.errors import PlanError
from stateroom.model.events import Event, ServiceSurveyed, ServiceUnreadable, StepStarted
from stateroom.model.plan import Action, Operation
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.tools.pending_operations import Unanswered
from tests.engine.lab import FUNCTION, QUEUE, Config, Lab, one_service

QUEUE_ONE = (QUEUE, {"QueueName": "queue-one"})
EVERY_OPERATION: list[dict[str, Any]] = [
    {"operation": Operation.DEPLOY},
    {"operation": Operation.DEPLOY, "refresh": True},
    {"operation": Operation.REFRESH},
    {"operation": Operation.HEAL},
    {"operation": Operation.ACCEPT},
    {"operation": Operation.REMOVE},
    {"operation": Operation.ROLLBACK, "version": 1},
    {"operation": Operation.ROLLBACK, "version": 1, "state_only": True},
]


def shop() -> Config:
    """Orders on prod and billing, which takes one of its outputs, on dev."""
    return Config(
        {
            "orders": {"Q": (QUEUE, {"QueueName": "orders-prod"})},
            "billing": {
                "Fn": (FUNCTION, {"FunctionName": "charge", "Env": {"Fn::ServiceOutput": ["orders", "queue"]}})
            },
        },
        {"orders": {"queue": {"Ref": "Q"}}},
        {"billing": ("orders",)},
        stages={"orders": "prod"},
    )


def test_services_are_deployed_to_stages_of_their_own_and_hear_of_each_other(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    plan = lab.plan()
    assert {item.service: item.stage for item in plan.services} == {"orders": "prod", "billing": "dev"}
    assert plan.stage == "prod, dev"
    assert lab.run().ok
    assert set(lab.workspace.home.services()) == {("shop-orders", "prod"), ("shop-billing", "dev")}
    assert lab.cloud.by_owner("Fn").properties["Env"] == "orders-prod"
    assert lab.cloud.by_owner("Q").owner.stage == "prod"
    assert [version.number for version in lab.cockpit.versions("orders")] == [1]
    assert lab.statuses() == {}
    assert lab.plan().empty


def test_one_service_alone_takes_the_others_output_from_the_others_stage(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    (held,) = lab.plan(services=("billing",)).steps()
    assert held.action is Action.PENDING
    assert held.reason.startswith("orders is not deployed on prod: its output queue is needed here")
    assert held.reason.endswith("; run: stateroom deploy --service orders --stage prod")
    assert lab.run(services=("orders",)).ok
    assert lab.run(services=("billing",)).ok
    assert lab.cloud.by_owner("Fn").properties["Env"] == "orders-prod"


def test_a_stage_that_is_chosen_is_everybodys(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop(), stage="qa")
    assert lab.run().ok
    assert set(lab.workspace.home.services()) == {("shop-orders", "qa"), ("shop-billing", "qa")}
    assert lab.cockpit.info().stage == "qa"


def test_the_title_lists_stages_that_differ_and_one_that_is_protected_counts(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    info = lab.cockpit.info()
    assert (info.stage, info.protected) == ("prod, dev", frozenset({"prod"}))
    assert info.differing == {"orders": "prod", "billing": "dev"}
    narrowed = Lab(tmp_path, shop(), services=("billing",)).cockpit.info()
    assert (narrowed.stage, narrowed.protected) == ("dev", frozenset())
    assert not narrowed.differing


def test_nothing_is_removed_where_one_of_the_stages_is_protected(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    lab.run()
    with pytest.raises(PlanError, match="orders: prod is protected"):
        lab.plan(Operation.REMOVE)
    assert lab.run(Operation.REMOVE, services=("billing",)).ok
    assert [thing.owner.logical_id for thing in lab.cloud.things.values()] == ["Q"]


def test_a_plan_for_one_stage_is_not_carried_out_on_another(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    plan = lab.plan()
    with pytest.raises(PlanError, match="the plan is for orders on stage prod"):
        Lab(tmp_path, shop(), stage="dev").cockpit.execute(plan, lambda event: None, Control())


def test_only_stages_that_something_is_done_to_have_to_be_named(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    lab.run()
    lab.config.resources["billing"]["P"] = (QUEUE, {"QueueName": "p"})
    plan = lab.plan()
    assert plan.stages == ("dev",)
    assert plan.names_stage(" dev ")
    both = Lab(tmp_path / "empty", shop()).plan()
    assert both.names_stage("dev, prod")
    assert both.names_stage("prod dev")
    assert not both.names_stage("dev")
    assert not both.names_stage("")


@pytest.fixture
def moved(tmp_path: Path) -> Lab:
    """A service that was deployed in eu-west-1, looked at with --region us-east-1."""
    lab = Lab(tmp_path, one_service(Q=QUEUE_ONE))
    assert lab.run().ok
    lab.cloud.calls.clear()
    return Lab(tmp_path, lab.config, lab.cloud, region="us-east-1")


@pytest.mark.parametrize("request_", EVERY_OPERATION, ids=lambda request: " ".join(map(str, request.values())))
def test_no_operation_compares_a_state_with_another_region(moved: Lab, request_: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as refused:
        moved.cockpit.plan(Request(**request_))
    assert refused.value.what == "orders is deployed in eu-west-1, and this is for us-east-1"
    assert "--region eu-west-1" in refused.value.todo
    assert "another --stage" in refused.value.todo
    assert moved.clouds["us-east-1"].calls == []
    assert moved.cloud.calls == []


def test_a_survey_shows_the_state_says_where_it_is_and_reads_nothing(moved: Lab) -> None:
    events: list[Event] = []
    moved.cockpit.survey(events.append)
    (seen,) = [event for event in events if isinstance(event, ServiceSurveyed)]
    assert [(diff.logical_id, diff.status) for diff in seen.diffs] == [("Q", "??")]
    (unreadable,) = [event for event in events if isinstance(event, ServiceUnreadable)]
    assert unreadable.error[0] == "orders is deployed in eu-west-1, and this is for us-east-1"
    assert moved.clouds["us-east-1"].calls == []


def test_state_tools_do_not_ask_the_wrong_region_what_became_of_a_resource(moved: Lab) -> None:
    pending = {"type": "aws-native:sqs:Queue", "urn": "urn:pulumi:dev::shop-orders::aws-native:sqs:Queue::Q", "id": "q"}
    nothing = CheckpointDocument.empty("shop-orders", "dev")
    within = moved.cockpit.tools("orders").ask
    assert within is not None
    answer = within(nothing)(pending)
    assert isinstance(answer, Unanswered)
    assert answer.why == "orders is deployed in eu-west-1, and this is for us-east-1"
    assert "us-east-1" not in moved.clouds  # nobody even looked
    at_home = Lab(moved.directory, moved.config, moved.cloud).cockpit.tools("orders").ask
    assert at_home is not None
    assert not isinstance(at_home(nothing)(pending), Unanswered)


def test_a_region_that_was_changed_in_the_file_is_refused_in_the_same_words(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Config({"orders": {"Q": QUEUE_ONE}, "billing": {"P": (QUEUE, {"QueueName": "p"})}}))
    assert lab.run().ok
    lab.config.regions["orders"] = "eu-north-1"
    lab.config.resources["billing"]["P"] = (QUEUE, {"QueueName": "p", "DelaySeconds": 1})
    with pytest.raises(PlanError, match="orders is deployed in eu-west-1, and this is for eu-north-1"):
        lab.plan()
    assert lab.run(services=("billing",)).ok
    assert lab.statuses() == {"orders/Q": "??"}  # the other service is read as ever


def test_another_stage_may_be_in_another_region_and_a_removed_one_may_move(tmp_path: Path) -> None:
    config = one_service(Q=QUEUE_ONE)
    here = Lab(tmp_path, config)
    assert here.run().ok
    elsewhere = Lab(tmp_path, config, region="us-east-1", stage="qa")
    assert elsewhere.run().ok
    assert here.run(Operation.REMOVE).ok
    assert Lab(tmp_path, config, region="us-east-1").run().ok


def test_a_version_of_another_region_is_not_gone_back_to(tmp_path: Path) -> None:
    config = one_service(Q=QUEUE_ONE)
    here = Lab(tmp_path, config)
    here.run()
    here.run(Operation.REMOVE, keep_history=True)
    moved = Lab(tmp_path, config, region="us-east-1")
    moved.run()
    for state_only in (False, True):
        with pytest.raises(PlanError, match="version 1 of orders is deployed in eu-west-1"):
            moved.plan(Operation.ROLLBACK, version=1, state_only=state_only)


def test_what_an_interrupted_first_deploy_made_is_not_looked_for_in_another_region(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=QUEUE_ONE))
    control = Control()

    def cut(event: Event) -> None:
        if isinstance(event, StepStarted):
            control.stop()
            control.stop()

    lab.run(control=control, watch=cut)
    assert lab.workspace.state("orders").leftover is not None
    moved = Lab(tmp_path, lab.config, lab.cloud, region="us-east-1")
    with pytest.raises(PlanError, match="orders is deployed in eu-west-1"):
        moved.plan()
    lab.cloud.account = "999999999999"
    with pytest.raises(PlanError, match="belongs to account 000000000000"):
        lab.plan()


def test_outputs_of_a_service_that_is_deployed_elsewhere_are_not_taken(tmp_path: Path) -> None:
    lab = Lab(tmp_path, shop())
    lab.run(services=("orders",))
    moved = Lab(tmp_path, lab.config, region="us-east-1")
    with pytest.raises(PlanError, match="orders is deployed in eu-west-1, and this is for us-east-1"):
        moved.plan(services=("billing",))
    lab.config.regions["billing"] = "eu-north-1"  # of its own: that is no mistake
    assert lab.run(services=("billing",)).ok
