"""From what should be and what is recorded to the steps between them."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.provider import Identity
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.errors import PlanError
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Output, Record, Resource, Template
from stateroom.model.values import UNKNOWN
from tests.engine.cloud import MemoryCloud

QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"
API = "AWS::ApiGatewayV2::Api"
ROUTE = "AWS::ApiGatewayV2::Route"
PERMISSION = "AWS::Lambda::Permission"


def resource(name: str, type_: str = QUEUE, /, **properties: Any) -> Resource:
    return Resource(name, type_, properties)


def record(name: str, type_: str = QUEUE, /, *, id_: str = "", depends: tuple[str, ...] = (), **inputs: Any) -> Record:
    physical_id = id_ or name.lower()
    return Record(name, type_, physical_id, inputs, {**inputs, "Arn": f"arn:{physical_id}"}, depends)


def plan(
    resources: list[Resource],
    records: tuple[Record, ...] = (),
    outputs: dict[str, Any] | None = None,
    **upstream: dict[str, Any],
) -> ServicePlan:
    target = Template(
        "orders",
        "shop-orders",
        "dev",
        "eu-west-1",
        {item.logical_id: item for item in resources},
        {name: Output(value) for name, value in (outputs or {}).items()},
    )
    surroundings = Surroundings(MemoryCloud(), Identity("000000000000", "eu-west-1"), upstream)
    return plan_service(target, records, surroundings).plan


def step(made: ServicePlan, name: str) -> Step:
    return next(item for item in made.steps if item.logical_id == name and "#" not in item.id)


def test_nothing_is_planned_when_config_and_state_agree() -> None:
    made = plan([resource("Q", QueueName="q", DelaySeconds=1)], (record("Q", QueueName="q", DelaySeconds=1),))
    assert made.steps == ()
    assert made.unchanged == 1


def test_a_new_resource_is_created_after_what_it_refers_to() -> None:
    made = plan([resource("Fn", FUNCTION, Env={"Ref": "Q"}), resource("Q")])
    assert [item.logical_id for item in made.steps] == ["Q", "Fn"]
    assert step(made, "Fn").waits_for == ("orders/Q",)
    assert step(made, "Fn").inputs["Env"] is UNKNOWN


def test_a_changed_attribute_is_an_update_that_names_before_and_after() -> None:
    made = plan([resource("Q", QueueName="q", DelaySeconds=5)], (record("Q", QueueName="q", DelaySeconds=1),))
    (change,) = step(made, "Q").changes
    assert (step(made, "Q").action, change.path, change.before, change.after) == (
        Action.UPDATE,
        ("DelaySeconds",),
        1,
        5,
    )


def test_a_create_only_change_makes_the_new_copy_first_and_deletes_the_old_one_last() -> None:
    made = plan(
        [resource("Q", QueueName="new"), resource("Fn", FUNCTION, FunctionName="f", Env={"Ref": "Q"})],
        (
            record("Q", id_="old", QueueName="old"),
            record("Fn", FUNCTION, id_="f", FunctionName="f", Env="old", depends=("Q",)),
        ),
    )
    assert [(item.id, item.action) for item in made.steps] == [
        ("orders/Q", Action.REPLACE),
        ("orders/Fn", Action.UPDATE),
        ("orders/Q#old", Action.DELETE),
    ]
    assert step(made, "Q").changes[0].forces_replacement
    assert set(made.steps[-1].waits_for) == {"orders/Q", "orders/Fn"}


def test_a_replacement_under_the_same_name_has_to_delete_first() -> None:
    made = plan(
        [resource("F", FUNCTION, FunctionName="f", PackageType="Image")],
        (record("F", FUNCTION, FunctionName="f", PackageType="Zip"),),
    )
    assert [item.id for item in made.steps] == ["orders/F"]
    assert step(made, "F").delete_first


def test_a_generated_name_changes_with_what_forces_the_replacement_so_both_copies_can_exist() -> None:
    before = plan([resource("F", FUNCTION, PackageType="Zip")]).steps[0].inputs
    made = plan([resource("F", FUNCTION, PackageType="Image")], (record("F", FUNCTION, **before),))
    assert step(made, "F").action is Action.REPLACE
    assert not step(made, "F").delete_first
    assert before["FunctionName"].startswith("shop-orders-dev-F-")


def test_what_is_gone_from_the_config_is_deleted_dependents_first() -> None:
    made = plan([], (record("Q"), record("Fn", FUNCTION, depends=("Q",))))
    assert [item.id for item in made.steps] == ["orders/Fn", "orders/Q"]
    assert made.steps[1].waits_for == ("orders/Fn",)


def test_a_dependency_is_deleted_only_after_its_user_has_let_go_of_it() -> None:
    made = plan(
        [resource("Fn", FUNCTION, FunctionName="f")],
        (record("Q"), record("Fn", FUNCTION, FunctionName="f", Env="q", depends=("Q",))),
    )
    assert [(item.logical_id, item.action) for item in made.steps] == [("Fn", Action.UPDATE), ("Q", Action.DELETE)]


def test_the_routes_of_a_deleted_api_cost_no_call_of_their_own() -> None:
    made = plan([], (record("Api", API, id_="a1"), record("Route", ROUTE, ApiId="a1", depends=("Api",))))
    assert step(made, "Route").deleted_with == "orders/Api"
    assert step(made, "Api").waits_for == ()


def test_children_go_with_their_parents_only_where_that_closes_no_circle() -> None:
    # The permission refers to the API and goes with its function; the integration the other way round.
    made = plan(
        [],
        (
            record("Fn", FUNCTION, id_="f", FunctionName="f"),
            record("Api", API, id_="a1"),
            record("Integration", ROUTE, ApiId="a1", depends=("Api", "Fn")),
            record("Permission", PERMISSION, FunctionName="f", depends=("Fn", "Api")),
        ),
    )
    assert len(made.steps) == 4
    assert bool(step(made, "Integration").deleted_with) != bool(step(made, "Permission").deleted_with)


def test_a_retained_resource_is_forgotten_not_deleted() -> None:
    kept = Record("Q", QUEUE, "q", {}, {}, retain=True)
    assert [item.action for item in plan([], (kept,)).steps] == [Action.FORGET]


def test_a_new_deletion_policy_reaches_the_state_although_no_api_is_called() -> None:
    wanted = Resource("Q", QUEUE, {"QueueName": "q"}, retain=True)
    (noted,) = plan([wanted], (record("Q", QueueName="q"),)).steps
    assert (noted.action, noted.reason) == (Action.RECORD, "DeletionPolicy is now Retain")
    assert noted.record is not None
    assert [item.action for item in plan([], (noted.record,)).steps] == [Action.FORGET]


def test_an_old_copy_that_an_interrupted_run_left_is_deleted_by_the_next_one() -> None:
    old = Record("Q", QUEUE, "q-old", {"QueueName": "q-old"}, {}, condemned=True)
    made = plan([resource("Q", QueueName="q")], (record("Q", QueueName="q"), old))
    assert [(item.id, item.action) for item in made.steps] == [("orders/Q#q-old", Action.DELETE)]


def test_outputs_of_what_will_be_replaced_are_not_known_yet() -> None:
    made = plan(
        [resource("Q", QueueName="new"), resource("P", QueueName="p")],
        (record("Q", QueueName="q"), record("P", QueueName="p")),
        outputs={"changed": {"Fn::GetAtt": ["Q", "Arn"]}, "kept": {"Fn::GetAtt": ["P", "Arn"]}},
    )
    assert made.outputs["changed"] is UNKNOWN
    assert made.outputs["kept"] == "arn:p"


def test_an_output_of_another_service_is_followed() -> None:
    made = plan([resource("Q", Env={"Fn::ServiceOutput": ["billing", "url"]})], billing={"url": "https://b"})
    assert step(made, "Q").inputs["Env"] == "https://b"


def test_a_missing_service_output_says_what_there_is() -> None:
    made = plan([resource("Q", Env={"Fn::ServiceOutput": ["billing", "url"]})], billing={"arn": "x"})
    assert step(made, "Q").action is Action.PENDING
    assert "billing has no output url: its outputs are: arn; correct the reference" in step(made, "Q").reason


def test_a_circle_of_references_is_named() -> None:
    with pytest.raises(PlanError) as error:
        plan([resource("A", X={"Ref": "B"}), resource("B", X={"Ref": "A"})])
    assert "A → B → A" in error.value.why


def test_targets_bring_along_what_they_wait_for_and_nothing_else() -> None:
    made = plan([resource("Fn", FUNCTION, Env={"Ref": "Q"}), resource("Q"), resource("Other")])
    limited = limit_to_targets(made, frozenset({"Fn"}))
    assert [item.logical_id for item in limited.steps] == ["Q", "Fn"]
    assert limited.skipped == 1
