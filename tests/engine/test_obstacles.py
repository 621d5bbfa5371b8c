"""What deploy refuses or leaves alone is said by status and diff before anybody deploys, with file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.session import open_aws
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.survey.obstacles import Obstacle, obstacles
from stateroom.errors import CloudError, SourceLocation, StateConflictError
from stateroom.model.diff import ResourceDiff, X, Y
from stateroom.model.package import LARGEST_UPLOAD
from stateroom.model.plan import Action
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Artifact, Record, Resource, Template
from stateroom.presentation.survey.diffs import would
from stateroom.presentation.survey.verdicts import refusal_lines, verdict
from tests.config.bench import HEAD, Bench
from tests.engine.lab import QUEUE, Lab, one_service

AWS = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")


def found(target: Template, records: tuple[Record, ...] = (), *, fetched: bool = False) -> dict[str, Obstacle]:
    plan = plan_service(target, records, Surroundings(AWS, None, offline=True)).plan
    live = {record.logical_id: record for record in records}
    return obstacles(plan.steps, target, live, AWS, lambda: fetched, {})


def compiled(tmp_path: Path, resources: str) -> Template:
    return Bench(tmp_path).compile(f"{HEAD}resources:\n  Resources:\n{resources}")


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ("{Type: AWS::SQS::Queue, Properties: {VisibilityTimeOut: 9}}", "unknown property VisibilityTimeOut; did you"),
        ("{Type: AWS::SQS::Queue, Properties: {DelaySeconds: {A: 1}}}", "DelaySeconds is a map, not an integer"),
        ("{Type: AWS::Route53::RecordSetGroup, Properties: {}}", "AWS::Route53::RecordSetGroup cannot be made"),
        ("{Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt P.Ann}}", "an AWS::SQS::Queue has no attribute Ann"),
    ],
)
def test_what_a_plan_refuses_is_refused_with_its_line(tmp_path: Path, resource: str, why: str) -> None:
    """(cases `misspelt-queue-property`, `no-create-record-set-group`, `unsupported-refused-late`)"""
    refused = found(compiled(tmp_path, f"    P: {{Type: AWS::SQS::Queue}}\n    Q: {resource}\n"))
    assert refused.keys() == {"Q"}
    assert refused["Q"].refused.startswith("serverless.yml:7: ")
    assert why in refused["Q"].refused


def test_a_package_that_lambda_would_refuse_is_refused(tmp_path: Path) -> None:
    """(case `package-over-50-mb`)"""
    properties = {"FunctionName": "f", "Role": "r", "Code": {"ArtifactSha256": "ab"}}
    made = {"F": Resource("F", "AWS::Lambda::Function", properties, source=SourceLocation(Path("serverless.yml"), 3))}
    artifacts = {"ab": Artifact("ab", tmp_path / "none.zip", LARGEST_UPLOAD + 6 * 1024 * 1024)}
    target = Template("shop", "shop", "dev", "eu-west-1", made, artifacts=artifacts)
    assert "serverless.yml:3: its zip is 56 MB" in found(target)["F"].refused
    assert found(target, fetched=True) == {}


def test_what_is_deployed_already_and_stays_is_not_refused(tmp_path: Path) -> None:
    target = compiled(tmp_path, "    Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q, DelaySecond: 1}}\n")
    assert found(target, (Record("Q", QUEUE, "q", {"QueueName": "q", "DelaySecond": 1}, {}),)) == {}
    assert "Q" in found(target, (Record("Q", QUEUE, "q", {"QueueName": "q", "DelaySecond": 2}, {}),))


def queue(name: str, **properties: Any) -> tuple[str, dict[str, Any]]:
    return QUEUE, {"QueueName": name, **properties}


def test_status_and_plan_refuse_the_same(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(C=queue("c"), Gone=queue("gone"), Same=queue("same")))
    lab.run()
    lab.config = one_service(C=queue("c", Size=2), N=queue("n"), Same=queue("same"), Odd=("Odd", {"Name": "o"}))
    lab.cloud.problems[QUEUE] = (Problem("there are enough queues", "make a topic"), Problem("by the way", fatal=False))
    diffs = lab.survey()
    planned = {step.id: step.action for step in lab.plan().steps()}
    assert {name for name, action in planned.items() if action is Action.REFUSE} == {"orders/C", "orders/N"}
    assert {name for name, diff in diffs.items() if diff.refused} == {"orders/C", "orders/N"}
    why = "deploy refuses it: there are enough queues; make a topic"
    assert verdict(diffs["orders/N"]) == f"new in config: {why}"
    assert verdict(diffs["orders/C"]) == f"1 pending: {why}"
    assert {would(item) for name in "NC" for item in diffs[f"orders/{name}"].attributes} == {"deploy refuses it"}
    assert verdict(diffs["orders/Odd"]) == "new in config: deploy creates it"
    assert verdict(diffs["orders/Gone"]) == "gone from config: deploy deletes it"
    assert diffs["orders/Same"].in_step
    assert refusal_lines(diffs.values()) == ("deploy refuses 2 resources: nothing of a plan with them runs",)
    assert refusal_lines([diffs["orders/Odd"]]) == ()


def test_what_is_missing_or_unread_is_refused_all_the_same(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(M=queue("m"), U=queue("u"), D=queue("d", Size=1)))
    lab.run()
    lab.config = one_service(M=queue("m", Size=2), U=queue("u", Size=2), D=queue("d", Size=2))
    lab.cloud.problems[QUEUE] = (Problem("no"),)
    del lab.cloud.things[QUEUE, "m"]
    lab.cloud.fail["read u"] = CloudError("could not read u", code="Denied")
    lab.cloud.by_owner("D").properties["Size"] = 3
    said = {name: verdict(diff) for name, diff in lab.survey().items()}
    assert said == {
        "orders/M": "missing in the cloud: deploy refuses it: no; refresh drops it from state",
        "orders/U": "config changed; deploy refuses it: no; cloud not read: could not read u",
        "orders/D": "1 in conflict; deploy refuses it: no",
    }
    (size,) = lab.survey()["orders/D"].attributes
    assert would(size) == "deploy refuses it, refresh keeps 3"


def test_what_needs_something_pending_waits_and_says_for_what(tmp_path: Path) -> None:
    """P's create got no answer, and it cannot be asked about."""
    lab = Lab(tmp_path, one_service(P=queue("p"), D=queue("d", Env={"Ref": "P"}), Free=queue("f")))
    lab.cloud.fail["create P"] = CloudError("no answer", code="Timeout")
    lab.cloud.fail["find P"] = CloudError("may not be listed", code="AccessDenied")
    lab.run()
    lab.config.resources["orders"]["E"] = queue("e", Env={"Ref": "D"})
    lab.config.resources["orders"]["Free"] = queue("f", Size=1)
    diffs = lab.survey()
    held = {step.logical_id for step in lab.plan().steps() if step.action is Action.PENDING}
    assert held == {"P", "D", "E"}
    for name in "DE":
        assert verdict(diffs[f"orders/{name}"]) == "new in config: waits for P: its create is pending"
        assert {would(item) for item in diffs[f"orders/{name}"].attributes} == {"deploy waits"}
    assert "create is pending: its outcome is not known" in verdict(diffs["orders/P"])
    assert verdict(diffs["orders/Free"]) == "1 pending: deploy writes it"


def test_a_change_and_a_deletion_wait_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(P=queue("p"), D=queue("d", Env={"Ref": "P"})))
    lab.run()
    lab.config = one_service(P=queue("p", Size=2), D=queue("d", Env={"Ref": "P"}, Size=2))
    lab.cloud.fail["update P"] = CloudError("no answer", code="Timeout")
    lab.cloud.fail["read p"] = CloudError("may not be read", code="AccessDenied")
    lab.run()
    assert verdict(lab.survey()["orders/D"]) == "1 pending: waits for P: its update is pending"


def test_the_rest_of_a_resource_waits_for_what_is_not_known(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=queue("q")))
    lab.run()
    lab.config = one_service(Q=queue("q", Size=1, Env={"Fn::GetAtt": ["Q2", "Nothing"]}), Q2=queue("q2"))
    assert lab.survey()["orders/Q"].x is X.CHANGED
    lab.config = one_service(
        Q=queue("q", Size=1, Env={"Fn::GetAtt": ["P", "Nothing"]}),
        P=queue("p"),
        N=queue("n", Env={"Ref": "M"}),
        M=queue("m", Env={"Fn::GetAtt": ["P", "Nothing"]}),
    )
    lab.run(targets=("orders/P",))
    diffs = lab.survey()
    assert verdict(diffs["orders/Q"]).startswith("1 pending: deploy writes it once the rest is known; 1 not known: ")
    assert {would(item) for item in diffs["orders/Q"].attributes} == {"deploy waits", "not known"}
    assert verdict(diffs["orders/N"]) == "new in config: waits for M: not all of it is known"


def test_what_is_cut_off_or_running_is_waited_for_in_its_own_words() -> None:
    base = ResourceDiff("orders", "D", QUEUE, X.GONE, Y.UNREAD, waits="waits for P: its create was cut off")
    assert verdict(base) == "gone from config: waits for P: its create was cut off; cloud not read"
    assert verdict(replace(base, y=Y.DRIFT)).endswith("was cut off; it drifted")


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (CloudError("u cannot be created", code="Throttling", passes=True), 0),
        (CloudError("u cannot be created", code="AccessDenied"), 1),
        (StateConflictError("somebody was faster"), 0),
        (ValueError("a bug"), 1),
    ],
)
def test_an_outcome_counts_the_errors_that_running_again_does_not_mend(
    tmp_path: Path, error: Exception, lasting: int
) -> None:
    lab = Lab(tmp_path, one_service(U=(QUEUE, {"QueueName": "u"})))
    lab.cloud.fail["create"] = error
    outcome = lab.run()
    assert (outcome.failed, outcome.lasting) == (1, lasting)
