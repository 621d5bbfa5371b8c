"""Outputs that cannot be resolved: a deploy ends with 1 and names them, and nothing else is drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.provider import TypeSchema
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.records.reference_check import check_references
from stateroom.engine.requests import Outcome
from stateroom.errors import CloudError, ConfigError, SourceLocation
from stateroom.model.diff import X, Y
from stateroom.model.events import ServiceFinished
from stateroom.model.plan import Action, Operation
from stateroom.model.resource import Live, Output, Resource, Template
from stateroom.model.values import Unresolved
from stateroom.presentation.survey.verdicts import verdict
from tests.config.bench import HEAD, Bench
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import QUEUE, Config, Lab, one_service

BUS = "AWS::Events::EventBus"


@dataclass
class ForgetfulCloud(MemoryCloud):
    """A cloud whose answers lack the Arn, although the type has one."""

    forgets: bool = True

    def _live(self, type_: str, physical_id: str) -> Live:
        live = super()._live(type_, physical_id)
        kept = {name: value for name, value in live.properties.items() if name != "Arn" or not self.forgets}
        return Live(physical_id, kept)

    def schema(self, type_: str) -> TypeSchema:
        if type_ == BUS:
            read_only, properties = frozenset({"Arn"}), frozenset({"Name", "Arn", "Policy"})
            return TypeSchema(BUS, "Name", 80, read_only=read_only, properties=properties)
        return super().schema(type_)


@pytest.fixture
def bus(tmp_path: Path) -> Lab:
    """One service with an output that the cloud does not tell, and one that it does."""
    config = one_service(Bus=(BUS, {"Name": "orders"}), Q=(QUEUE, {"QueueName": "q"}))
    config.outputs["orders"] = {"BusArn": {"Fn::GetAtt": ["Bus", "Arn"]}, "QName": {"Ref": "Q"}}
    return Lab(tmp_path, config, ForgetfulCloud())


def stored(lab: Lab) -> dict[str, Any]:
    snapshot = lab.cockpit.snapshot("orders")
    assert snapshot is not None
    return dict(snapshot.outputs)


def test_a_deploy_reports_the_output_and_blames_the_answer_and_not_the_config(bus: Lab) -> None:
    """(case `unresolved-output-bus`)"""
    outcome = bus.run()
    assert not outcome.ok
    assert (outcome.done, outcome.failed, outcome.skipped) == (2, 0, 0), "what could be made was made"
    ((address, lines),) = outcome.errors
    assert address == "orders.BusArn"
    assert "the output BusArn of orders is not resolved" in lines[0]
    assert "the cloud's answer about AWS::Events::EventBus orders has no Arn" in lines[1]
    assert "refresh" in lines[2]
    assert not any("correct the Fn::GetAtt" in line for line in lines)
    assert isinstance(outcome.outputs["orders"]["BusArn"], Unresolved)
    assert stored(bus) == {"QName": "q"}
    assert [event.error for event in bus.events if isinstance(event, ServiceFinished)] == [lines]
    assert "the output BusArn" in bus.cockpit.versions("orders")[0].errors[0]


def test_it_is_reported_again_when_there_is_nothing_else_to_do(bus: Lab) -> None:
    bus.run()
    plan = bus.plan()
    assert plan.empty
    assert [name for name, _ in plan.unresolved] == ["orders.BusArn"]


def test_after_it_nothing_is_drifted_and_nothing_is_unknown_that_does_not_depend_on_it(bus: Lab) -> None:
    bus.run()
    assert bus.statuses() == {}


def test_only_the_attribute_that_depends_on_it_is_unknown(bus: Lab) -> None:
    bus.run()
    bus.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Env": {"Fn::GetAtt": ["Bus", "Arn"]}, "Size": 1})
    found = bus.survey()
    assert found["orders/Q"].x is X.CHANGED, "Size is new, whatever Env is"
    bus.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Env": {"Fn::GetAtt": ["Bus", "Arn"]}})
    found = bus.survey()
    assert (found["orders/Q"].x, found["orders/Q"].y) == (X.UNKNOWN, Y.SAME)
    assert verdict(found["orders/Q"]).startswith("1 not known: Bus.Arn is not known: the cloud's answer")
    assert found["orders/Bus"].in_step


def test_a_deploy_leaves_alone_what_depends_on_it_and_does_the_rest(bus: Lab) -> None:
    bus.run()
    resources = bus.config.resources["orders"]
    resources["Q"] = (QUEUE, {"QueueName": "q", "Size": 2})
    resources["P"] = (QUEUE, {"QueueName": "p", "Env": {"Fn::Sub": "at-${Bus.Arn}"}})
    resources["S"] = (QUEUE, {"QueueName": "s", "Env": {"Ref": "P"}})
    assert "new in config: deploy creates it once this is known: Bus.Arn" in verdict(bus.survey()["orders/P"])
    actions = {step.logical_id: step.action for step in bus.plan().steps()}
    assert actions == {"Q": Action.UPDATE, "P": Action.PENDING, "S": Action.PENDING}
    outcome = bus.run()
    assert (outcome.ok, outcome.done, outcome.failed, outcome.skipped) == (False, 1, 0, 2)
    errors = dict(outcome.errors)
    assert "has no Arn, only Name; stateroom refresh reads it again" in errors["orders/P"][1]
    assert "waits for P" in errors["orders/S"][1]
    assert bus.cloud.by_owner("Q").properties["Size"] == 2
    bus.cloud.forgets = False  # type: ignore[attr-defined]
    assert bus.run(Operation.REFRESH).ok
    assert bus.run().ok
    assert bus.statuses() == {}


def test_when_the_cloud_answers_in_full_refresh_and_deploy_resolve_it(bus: Lab) -> None:
    bus.run()
    bus.cloud.forgets = False  # type: ignore[attr-defined]
    assert bus.run(Operation.REFRESH).ok
    assert bus.run().ok
    assert stored(bus) == {"BusArn": "arn:aws:x:eu-west-1:000000000000:orders", "QName": "q"}


def test_outputs_shows_it_with_the_reason_and_what_waits_for_a_deploy(bus: Lab) -> None:
    bus.run()
    bus.config.outputs["orders"]["Later"] = "later"
    found = bus.cockpit.outputs("orders")
    assert dict(found.ours) == {"QName": "q"}
    assert list(found.unresolved) == ["BusArn"]
    assert found.undeployed == ("Later",)


def test_a_service_that_needs_it_says_whose_output_is_not_resolved(bus: Lab) -> None:
    bus.config.resources["billing"] = {
        "B": (QUEUE, {"QueueName": "b", "Env": {"Fn::ServiceOutput": ["orders", "BusArn"]}})
    }
    bus.config.resources["mail"] = {"M": (QUEUE, {"QueueName": "m", "Env": {"Fn::ServiceOutput": ["orders", "QName"]}})}
    bus.config.depends_on |= {"billing": ("orders",), "mail": ("orders",)}
    outcome = bus.run()
    errors = dict(outcome.errors)
    assert "the output BusArn of orders is not resolved" in errors["billing/B"][0]
    assert "has no Arn" in errors["billing/B"][1]
    assert not any(name.startswith("mail") for name in errors), "it needs another output, which is there"
    plan = bus.plan()
    assert {step.id: step.action for step in plan.steps()} == {"billing/B": Action.PENDING}
    assert "the output BusArn of orders is not resolved" in next(plan.steps()).reason


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (["orders", "Nothing"], "the config of orders declares no output Nothing: its outputs are: QName"),
        (["stock", "Url"], "stock is not deployed on dev: its output Url is needed here"),
    ],
)
def test_what_needs_an_output_that_another_service_lacks_is_left_alone_and_the_rest_is_deployed(
    tmp_path: Path, other: list[str], why: str
) -> None:
    config = one_service(Q=(QUEUE, {"QueueName": "q"}))
    config.outputs["orders"] = {"QName": {"Ref": "Q"}}
    config.resources["stock"] = {"S": (QUEUE, {"QueueName": "s"})}
    config.outputs["stock"] = {"Url": {"Ref": "S"}}
    config.resources["billing"] = {
        "B": (QUEUE, {"QueueName": "b", "Env": [{"Fn::ServiceOutput": other}]}),
        "C": (QUEUE, {"QueueName": "c", "Env": {"Ref": "B"}}),
        "D": (QUEUE, {"QueueName": "d"}),
    }
    config.depends_on["billing"] = ("orders", "stock")
    lab = Lab(tmp_path, config)
    lab.run(services=("orders",))
    outcome = lab.run(services=("orders", "billing"))
    assert (outcome.ok, outcome.done, outcome.failed, outcome.held) == (False, 1, 0, 2)
    errors = dict(outcome.errors)
    assert why in errors["billing/B"][1]
    assert errors["billing/C"][1] == "waits for B, which is left alone"
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["q", "d"]
    diffs = lab.survey()
    assert f"deploy creates it once this is known: {why}" in verdict(diffs["billing/B"])
    assert verdict(diffs["billing/C"]) == "new in config: waits for B: not all of it is known"


def test_what_is_left_alone_names_the_line_that_asks_for_the_output(tmp_path: Path) -> None:
    """The value comes by a parameter of serverless-compose.yml; the line is that of the property."""
    bench = Bench(tmp_path)
    bench.write("orders/serverless.yml", HEAD)
    text = "    Q:\n      Type: AWS::SQS::Queue\n      Properties:\n        QueueName: ${param:name}\n"
    bench.write("shop/serverless.yml", f"{HEAD}resources:\n  Resources:\n{text}")
    services = "services:\n  shop: {path: shop, params: {name: '${orders.Nothing}'}}\n  orders: {path: orders}\n"
    bench.write("serverless-compose.yml", services)
    target = bench.compile(service="shop")
    (step,) = plan_service(target, (), Surroundings(MemoryCloud(), None, {"orders": {}})).plan.steps
    assert step.action is Action.PENDING
    assert step.reason.startswith("serverless.yml:9: the state of orders has no output Nothing: its outputs are: none")


def test_an_output_of_a_failed_step_keeps_its_value_and_is_no_error_of_its_own(tmp_path: Path) -> None:
    config = one_service(Q=(QUEUE, {"QueueName": "q"}), P=(QUEUE, {"QueueName": "p"}))
    config.outputs["orders"] = {"One": {"Ref": "Q"}, "Two": {"Ref": "P"}}
    lab = Lab(tmp_path, config)
    lab.cloud.fail["create P"] = CloudError("P cannot be created", code="Denied")
    outcome = lab.run()
    assert [name for name, _ in outcome.errors] == ["orders/P"]
    assert stored(lab) == {"One": "q"}


# References are checked before anything runs.

WHERE = SourceLocation(Path("serverless.yml"), 8)


def checked(output: Any, resources: dict[str, Resource] | None = None) -> None:
    known = {"Bus": Resource("Bus", BUS, {"Name": "orders"})} if resources is None else resources
    target = Template("orders", "orders", "dev", "eu-west-1", known, {"Out": Output(output, source=WHERE)})
    check_references(target, {}, ForgetfulCloud())


def test_an_attribute_that_the_type_does_not_have_is_an_error_of_the_config_with_its_line() -> None:
    with pytest.raises(
        ConfigError, match=r"asks for Bus\.Ann, and an AWS::Events::EventBus has no attribute Ann"
    ) as error:
        checked({"Fn::GetAtt": ["Bus", "Ann"]})
    assert error.value.where == WHERE
    assert error.value.todo == "did you mean Arn?"


@pytest.mark.parametrize(
    "output", [{"Fn::GetAtt": ["Bus", "Arn"]}, {"Ref": "Bus"}, {"Fn::Sub": "${Bus.Policy}"}, "text"]
)
def test_an_attribute_of_the_schema_is_accepted(output: Any) -> None:
    checked(output)


def test_an_output_of_what_a_condition_leaves_out_is_an_error_of_the_config() -> None:
    with pytest.raises(ConfigError, match="the output Out refers to Bus, which is not deployed") as error:
        checked({"Ref": "Bus"}, {})
    assert "Condition" in error.value.todo


def test_a_type_without_a_schema_takes_any_attribute() -> None:
    checked({"Fn::GetAtt": ["C", "Any"]}, {"C": Resource("C", "Custom::Thing", {})})


def test_a_config_that_cannot_be_compiled_makes_nothing_drifted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(case `false-drifted-unset-param`)"""
    lab = Lab(tmp_path, Config({"orders": {"Q": (QUEUE, {"QueueName": "q"})}}))
    lab.run()

    def broken(*_: object, **__: object) -> Template:
        raise ConfigError("functions.f.memorySize: ${param:unset} has no value", where=WHERE)

    monkeypatch.setattr("tests.engine.lab.LabWorkspace.template", broken)
    found = lab.survey()["orders/Q"]
    assert (found.x, found.y, found.attributes) == (X.UNKNOWN, Y.SAME, ())
    said = "config not read: functions.f.memorySize: ${param:unset} has no value (serverless.yml:8)"
    assert verdict(found) == f"{said}; state and cloud: 1 attribute agrees"


def test_a_first_reading_that_was_behind_is_no_drift_and_is_renewed(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q", "Size": 120})))
    lab.cloud.after["create Q"] = lambda: lab.cloud.by_owner("Q").properties.update(Size=60)
    lab.run()
    lab.cloud.by_owner("Q").properties["Size"] = 120  # what was written shows at last
    assert lab.statuses() == {}, "config, state and cloud all say 120"
    assert lab.plan(Operation.HEAL).empty
    (step,) = lab.plan(Operation.REFRESH).steps()
    assert step.reason == "the cloud's answer is fuller than the one after the last deploy"
    assert lab.run(Operation.REFRESH).ok
    lab.cloud.by_owner("Q").properties["Size"] = 60
    assert lab.statuses() == {"orders/Q": " !"}


def test_an_operation_that_only_left_something_alone_is_not_said_to_have_failed() -> None:
    error, unresolved = ("a", ("why",)), {"orders": {"Arn": Unresolved("why")}}
    assert Outcome(done=1, skipped=1, held=1, errors=(error,)).left_alone
    assert Outcome(skipped=1, held=1, errors=(error, error), outputs=unresolved).left_alone
    assert not Outcome(failed=1, held=1, errors=(error, error)).left_alone
    assert not Outcome(held=1, errors=(error,), stopped=True).left_alone
    assert not Outcome(held=1, errors=(error, error)).left_alone, "a service was skipped, or could not be stored"
    assert not Outcome(errors=(error,), outputs=unresolved).left_alone
