"""Import: one object of the cloud becomes a resource of the config, after its differences were shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.provider import Owner
from stateroom.engine.requests import ImportTarget
from stateroom.errors import PlanError, StateroomError, UsageError
from stateroom.model.plan import Action, Operation, Plan
from tests.engine.cloud import Thing
from tests.engine.lab import API, QUEUE, ROUTE, Config, Lab, one_service

STRANGER = Owner("", "", "?")
DECLARED = {"QueueName": "q", "Delay": 5, "Retry": {"Times": 3}}


def lab_with(tmp_path: Path, config: Config | None = None, **there: Any) -> Lab:
    """A project that declares a queue, and a stranger's queue of that name, with what the server added."""
    lab = Lab(tmp_path, config or one_service(Q=(QUEUE, DECLARED)))
    properties = {**DECLARED, "Size": 1024, "Retry": {"Times": 3, "Age": 60}, **there}
    lab.cloud.things[QUEUE, "q"] = Thing(QUEUE, "q", properties, STRANGER)
    return lab


def plan(lab: Lab, what: str, id_: str, **request: Any) -> Plan:
    return lab.plan(Operation.IMPORT, imports=(ImportTarget(what, id_),), **request)


def refusal(lab: Lab, what: str, id_: str) -> str:
    with pytest.raises(StateroomError) as error:
        plan(lab, what, id_)
    return " ".join(error.value.lines())


@pytest.mark.parametrize("what", ["orders/Q", "Q", QUEUE])
@pytest.mark.parametrize("id_", ["q", "arn:aws:sqs:eu-west-1:000000000000:q"])
def test_an_object_is_taken_in_by_address_or_type_and_by_id_or_arn(tmp_path: Path, what: str, id_: str) -> None:
    lab = lab_with(tmp_path)

    (step,) = plan(lab, what, id_).steps()
    assert (step.action, step.logical_id, step.physical_id, step.changes) == (Action.ADOPT, "Q", "q", ())
    assert lab.run(Operation.IMPORT, imports=(ImportTarget(what, id_),)).ok

    assert lab.cloud.things[QUEUE, "q"].owner.logical_id == "Q", "it bears this state's mark"
    assert not list(lab.plan().steps()), "what the server added is the server's"
    (version,) = lab.cockpit.versions("orders")
    assert version.command == "import"
    record = lab.workspace.state("orders").snapshot.by_id()["Q"]
    assert record.adopted


def test_what_differs_is_shown_and_left_to_the_next_deploy(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, Delay=9)

    (step,) = plan(lab, "Q", "q").steps()
    assert [(item.path, item.cloud, item.after) for item in step.changes] == [(("Delay",), 9, 5)]
    assert lab.run(Operation.IMPORT, imports=(ImportTarget("Q", "q"),)).ok
    assert lab.cloud.things[QUEUE, "q"].properties["Delay"] == 9
    (update,) = lab.plan().steps()
    assert (update.action, [item.path for item in update.changes]) == (Action.UPDATE, [("Delay",)])


def test_a_name_that_the_config_does_not_give_stays_the_objects_own(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, one_service(Q=(QUEUE, {"Delay": 5})))

    assert lab.run(Operation.IMPORT, imports=(ImportTarget(QUEUE, "q"),)).ok
    assert not list(lab.plan().steps())


def test_another_name_in_the_config_is_said_to_replace_it(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, one_service(Q=(QUEUE, {**DECLARED, "QueueName": "other"})))

    planned = plan(lab, "Q", "q")
    (change,) = next(planned.steps()).changes
    assert (change.path, change.forces_replacement) == (("QueueName",), True)
    assert any("would replace it" in warning for warning in planned.warnings)


def test_of_several_resources_of_a_type_the_one_of_the_name_is_meant(tmp_path: Path) -> None:
    config = one_service(P=(QUEUE, {"QueueName": "p"}), Q=(QUEUE, DECLARED), R=(QUEUE, {"Delay": 1}))
    lab = lab_with(tmp_path, config)

    assert next(plan(lab, QUEUE, "q").steps()).logical_id == "Q"
    lab.cloud.things[QUEUE, "z"] = Thing(QUEUE, "z", {}, STRANGER)
    text = refusal(lab, QUEUE, "z")
    assert "orders/P, orders/Q, orders/R" in text
    assert "stateroom import orders/P z" in text


def test_what_no_config_has_is_refused_with_the_way_out(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)

    assert "no config has a resource of type AWS::SNS::Topic" in refusal(lab, "AWS::SNS::Topic", "t")
    assert "did you mean AWS::SQS::Queue" in refusal(lab, "AWS::SQS::Queu", "q")
    assert "no config has a resource 'Qu'" in refusal(lab, "Qu", "q")
    assert "there is no AWS::SQS::Queue gone" in refusal(lab, "Q", "gone")


def test_what_a_state_has_already_is_refused_by_id_and_by_address(tmp_path: Path) -> None:
    config = Config({"orders": {"Q": (QUEUE, DECLARED)}, "billing": {"B": (QUEUE, DECLARED)}})
    lab = lab_with(tmp_path, config)
    assert lab.run(Operation.IMPORT, imports=(ImportTarget("orders/Q", "q"),)).ok

    assert "orders/Q is in the state already" in refusal(lab, "orders/Q", "q")
    assert "as shop-orders/dev: Q" in refusal(lab, "billing/B", "q")
    lab.cloud.things[QUEUE, "q"].owner = STRANGER  # somebody took the tags away: the states still tell
    assert "as shop-orders/dev: Q" in refusal(lab, "billing/B", "q")


def test_a_state_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    elsewhere = Lab(tmp_path, one_service(P=(QUEUE, {"QueueName": "p"})), stage="test")
    assert elsewhere.run().ok
    (tmp_path / ".stateroom" / "app" / "shop-orders" / "test.json").write_text("{")

    assert any("shop-orders/test: not read" in warning for warning in plan(lab_with(tmp_path), "Q", "q").warnings)


def test_another_states_object_is_refused_and_an_orphan_of_it_is_not(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.cloud.things[QUEUE, "q"].owner = Owner("shop-orders", "dev", "Old", "b" * 32, "bucket x")

    text = refusal(lab, "Q", "q")
    assert "another state's" in text
    assert "shop-orders/dev Old in bucket x" in text
    planned = lab.plan(Operation.IMPORT, imports=(ImportTarget("Q", "q", orphan=True),))
    assert [step.action for step in planned.steps()] == [Action.ADOPT]


def test_a_part_of_what_is_not_in_the_state_waits_for_it(tmp_path: Path) -> None:
    config = one_service(Api=(API, {"Name": "a"}), Route=(ROUTE, {"ApiId": {"Ref": "Api"}, "RouteKey": "GET /"}))
    lab = Lab(tmp_path, config)
    lab.cloud.things[API, "a1"] = Thing(API, "a1", {"Name": "a"}, STRANGER)
    lab.cloud.things[ROUTE, "r1"] = Thing(ROUTE, "r1", {"ApiId": "a1", "RouteKey": "GET /"}, STRANGER)

    assert "its ApiId refers to what is not in the state" in refusal(lab, "Route", "r1")
    assert lab.run(Operation.IMPORT, imports=(ImportTarget("Api", "a1"),)).ok
    assert lab.run(Operation.IMPORT, imports=(ImportTarget("Route", "r1"),)).ok
    assert not list(lab.plan().steps())


def test_the_errors_are_of_the_kind_that_a_script_can_tell_apart(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    with pytest.raises(UsageError):
        plan(lab, "AWS::SNS::Topic", "t")
    lab.cloud.things[QUEUE, "q"].owner = Owner("x", "dev", "Q", "b" * 32)
    with pytest.raises(PlanError):
        plan(lab, "Q", "q")
