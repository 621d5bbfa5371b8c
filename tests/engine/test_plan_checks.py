"""What a plan refuses before anything runs, with file and line, and what it only warns of."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.aws.limits import LIMITS, UNZIPPED
from stateroom.cloud.provider import TypeSchema
from stateroom.cloud.session import open_aws
from stateroom.engine.planning.checks import packages
from stateroom.engine.planning.checks.steps import check_plan
from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.errors import PlanError
from stateroom.model.events import StepFinished
from stateroom.model.package import LARGEST_UPLOAD
from stateroom.model.plan import Action, Operation, Plan, ServicePlan
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Artifact, Record, Resource, Template
from stateroom.model.values import UNKNOWN, Secret
from stateroom.presentation.events import event_line
from stateroom.presentation.survey.hearsay import hearsay_lines
from tests.config.bench import FUNCTION, HEAD, Bench
from tests.engine.cloud import SCHEMAS
from tests.engine.lab import Lab, one_service

AWS = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")


def checked(
    target: Template, records: tuple[Record, ...] = (), *, fetched: bool = False
) -> tuple[ServicePlan, tuple[str, ...]]:
    planned = plan_service(target, records, Surroundings(AWS, None))
    return check_plan(planned, target, AWS, lambda: fetched)


def refused(plan: ServicePlan) -> dict[str, str]:
    return {step.logical_id: step.reason for step in plan.steps if step.action is Action.REFUSE}


def resources(text: str) -> str:
    return f"{HEAD}resources:\n  Resources:\n{text}"


def test_the_line_of_a_misspelt_property_is_told(tmp_path: Path) -> None:
    """(case `misspelt-queue-property`)"""
    bench = Bench(tmp_path)
    target = bench.compile(
        resources("    Q:\n      Type: AWS::SQS::Queue\n      Properties:\n        VisibilityTimeOut: 99\n")
    )
    plan, _ = checked(target)
    error = refusal_of(Plan(Operation.DEPLOY, (plan,)))

    assert refused(plan) == {
        "Q": "serverless.yml:9: unknown property VisibilityTimeOut; did you mean VisibilityTimeout?"
    }
    assert error.where is not None
    assert (error.where.file.name, error.where.line) == ("serverless.yml", 9)
    assert error.todo == "did you mean VisibilityTimeout?"


def test_the_line_is_that_of_the_nested_property_in_the_file_that_has_it(tmp_path: Path) -> None:
    """(case `unsupported-refused-late`)"""
    bench = Bench(tmp_path)
    bench.write(
        "bucket.yml",
        """
        Type: AWS::S3::Bucket
        Properties:
          ObjectLockEnabled: true
          CorsConfiguration:
            CorsRules:
              - AllowedMethods: [GET]
                AllowedOrigins: ['*']
                MaxAgee: 3
        """,
    )
    plan, _ = checked(bench.compile(resources("    Files: ${file(bucket.yml)}\n    News: {Type: AWS::SNS::Topic}\n")))

    (problem, other) = next(step.problems for step in plan.steps if step.logical_id == "Files")
    lines = {
        item.what.split(" ")[0]: (item.where.file.name, item.where.line) for item in (problem, other) if item.where
    }
    assert lines == {"ObjectLockEnabled": ("bucket.yml", 4), "unknown": ("bucket.yml", 9)}
    assert {step.logical_id: step.action for step in plan.steps}["News"] is Action.CREATE


def test_an_extension_of_a_generated_resource_has_the_line(tmp_path: Path) -> None:
    text = "resources:\n  extensions:\n    CreateLambdaFunction:\n      Properties:\n        MemorySise: 3\n"
    plan, _ = checked(Bench(tmp_path).compile(HEAD + FUNCTION + text))

    assert "serverless.yml:12: unknown property MemorySise" in refused(plan)["CreateLambdaFunction"]


def test_a_type_that_cannot_be_made_is_refused_with_its_line(tmp_path: Path) -> None:
    """(case `no-create-record-set-group`)"""
    text = resources(
        "    Q: {Type: AWS::SQS::Queue}\n    R:\n      Type: AWS::Route53::RecordSetGroup\n      Properties: {}\n"
    )
    plan, _ = checked(Bench(tmp_path).compile(text))

    assert refused(plan).keys() == {"R"}
    assert refused(plan)["R"].startswith("serverless.yml:7: AWS::Route53::RecordSetGroup cannot be made")


def test_several_are_told_at_once(tmp_path: Path) -> None:
    text = resources(
        "    Q: {Type: AWS::SQS::Queue, Properties: {Delay: 1}}\n    T: {Type: AWS::SNS::Topic, Properties: {Nam: a}}\n"
    )
    plan, _ = checked(Bench(tmp_path).compile(text))
    error = refusal_of(Plan(Operation.DEPLOY, (plan,)))

    assert "shop/Q (AWS::SQS::Queue): unknown property Delay" in error.what
    assert "serverless.yml:7: unknown property Nam" in error.why


def test_what_is_deployed_already_and_never_had_an_effect_is_a_warning(tmp_path: Path) -> None:
    target = Bench(tmp_path).compile(
        resources("    Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q, DelaySecond: 1}}\n")
    )
    record = Record("Q", "AWS::SQS::Queue", "q", {"QueueName": "q", "DelaySecond": 1}, {})
    plan, warnings = checked(target, (record,))

    assert plan.steps == ()
    assert warnings == ("serverless.yml:6: Q: unknown property DelaySecond has no effect; did you mean DelaySeconds?",)


def test_a_plan_tells_how_long_aws_keeps_what_it_deletes(tmp_path: Path) -> None:
    target = Bench(tmp_path).compile(resources("    Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n"))
    records = (
        Record("Key", "AWS::KMS::Key", "1-2", {"PendingWindowInDays": 7}, {}),
        Record("Token", "AWS::SecretsManager::Secret", "arn", {"Name": "token"}, {}),
    )
    _, warnings = checked(target, records)

    kept = "days after the deletion, in which it can be taken back"
    assert set(warnings) == {f"Key: AWS keeps it for 7 {kept}", f"Token: AWS keeps it for 30 {kept}"}


@pytest.mark.parametrize("operation", [Operation.REMOVE, Operation.ROLLBACK])
def test_whatever_deletes_tells_how_long_it_is_kept(
    tmp_path: Path, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        SCHEMAS, "AWS::KMS::Key", TypeSchema("AWS::KMS::Key", deletion_days=("PendingWindowInDays", 30))
    )
    queue = ("AWS::SQS::Queue", {"QueueName": "q"})
    lab = Lab(tmp_path, one_service(Q=queue))
    lab.run()
    lab.config = one_service(Q=queue, Key=("AWS::KMS::Key", {"PendingWindowInDays": 7}))
    lab.run()

    version = {"version": 1} if operation is Operation.ROLLBACK else {}
    warnings = lab.plan(operation, services=("orders",), **version).warnings
    assert "orders: Key: AWS keeps it for 7 days after the deletion, in which it can be taken back" in warnings


def test_nothing_runs_and_nothing_is_asked_about_what_is_refused(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=("AWS::SQS::Queue", {"QueueName": "q"}), T=("Odd", {"Name": "t"})))
    lab.cloud.problems["Odd"] = (Problem("there is no resource type Odd", "leave it out"), Problem("a", fatal=False))

    plan = lab.plan()
    assert {step.logical_id: step.action for step in plan.steps()} == {"Q": Action.CREATE, "T": Action.REFUSE}
    assert "orders: a" in plan.warnings
    assert "whose T" not in lab.cloud.calls
    with pytest.raises(PlanError, match="there is no resource type Odd"):
        lab.run()
    assert lab.cloud.things == {}


def test_a_rollback_is_not_judged_by_rules_that_came_later(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=("AWS::SQS::Queue", {"QueueName": "q", "DelaySeconds": 1})))
    lab.run()
    lab.config = one_service(Q=("AWS::SQS::Queue", {"QueueName": "q", "DelaySeconds": 2}))
    lab.run()
    lab.cloud.problems["AWS::SQS::Queue"] = (Problem("no longer allowed"),)

    assert not lab.plan(Operation.ROLLBACK, services=("orders",), version=1).refused
    assert not lab.plan(Operation.REMOVE).refused


def function(tmp_path: Path, size: int, unzipped: int = 0) -> Template:
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(unzipped))
    code = {"ArtifactSha256": "ab"}
    function = {"FunctionName": "f", "Role": "r", "Code": code, "Layers": [{"Ref": "Layer"}]}
    layer = {"LayerName": "l", "Content": {"ArtifactSha256": "cd"}}
    made = {
        "Layer": Resource("Layer", "AWS::Lambda::LayerVersion", layer),
        "Function": Resource("Function", "AWS::Lambda::Function", function),
    }
    artifacts = {"ab": Artifact("ab", package, size), "cd": Artifact("cd", package, 1)}
    return Template("shop", "shop", "dev", "eu-west-1", made, artifacts=artifacts)


def test_a_zip_over_50_mb_is_refused_where_lambda_cannot_fetch_it(tmp_path: Path) -> None:
    """(case `package-over-50-mb`)"""
    target = function(tmp_path, LARGEST_UPLOAD + 6 * 1024 * 1024)

    why = refused(checked(target)[0])["Function"]
    assert "its zip is 56 MB, Lambda takes 50 MB" in why
    assert "package.patterns" in why
    assert refused(checked(target, fetched=True)[0]) == {}
    assert refused(checked(function(tmp_path, LARGEST_UPLOAD))[0]) == {}


def test_a_package_over_250_mb_with_its_layers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it is the function's, half its layer's; unzipped sizes are in the zips' directories."""
    assert UNZIPPED == 250 * 1024 * 1024
    monkeypatch.setattr(packages, "UNZIPPED", 2 * 1024 * 1024)
    half = 1024 * 1024
    assert refused(checked(function(tmp_path, 1, half))[0]) == {}
    why = refused(checked(function(tmp_path, 1, 2 * half))[0])

    assert why.keys() == {"Function"}
    assert "its package unzipped, with the layers of this service, is 4 MB, Lambda takes 2 MB" in why["Function"]


@pytest.mark.parametrize(
    ("type_", "properties", "what"),
    [
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"KEY": "x" * 4096}}}, "environment variables"),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"KEY": Secret("x" * 4096)}}}, "environment variables"),
        ("AWS::Lambda::Function", {"Layers": ["arn"] * 6}, "layers: 6 layers"),
        ("AWS::IAM::Role", {"Policies": [{"PolicyDocument": {"Statement": "x" * 5200}}] * 2}, "inline policies"),
        ("AWS::IAM::Policy", {"Roles": ["r"], "PolicyDocument": {"Statement": "x" * 10240}}, "inline policy"),
        ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": "x" * 6144}}, "managed policy"),
        ("AWS::S3::BucketPolicy", {"PolicyDocument": {"Statement": "x" * 20480}}, "bucket policy"),
        ("AWS::StepFunctions::StateMachine", {"DefinitionString": "x" * 1048577}, "definition: 1,048,577 bytes"),
        ("AWS::StepFunctions::StateMachine", {"Definition": {"Comment": "x" * 1048577}}, "definition"),
    ],
)
def test_what_exceeds_a_limit_is_refused(type_: str, properties: dict[str, Any], what: str) -> None:
    found = [item for item in AWS.check(type_, properties) if "AWS takes" in item.what]

    assert [item.fatal for item in found] == [True]
    assert what in found[0].what
    assert "https://docs.aws.amazon.com/" in found[0].todo
    assert "xxxx" not in str(found[0])


def test_limits_count_what_is_known_and_leave_out_what_is_not() -> None:
    near = {"Variables": {"KEY": "x" * 4000, "URL": UNKNOWN}}
    spaced = {"PolicyDocument": '{"Statement": "' + " " * 9000 + '"}'}
    assert not [item for item in AWS.check("AWS::Lambda::Function", {"Environment": near}) if "AWS takes" in item.what]
    assert not [item for item in AWS.check("AWS::IAM::Role", {"Policies": [spaced]}) if "AWS takes" in item.what]
    assert all(
        limit.source.startswith("https://docs.aws.amazon.com/") for limits in LIMITS.values() for limit in limits
    )


def test_what_an_emulators_cloud_control_answers_is_said_so(tmp_path: Path) -> None:
    """Not a success of the service: nothing stronger is said than what was asked."""
    (note, *_) = AWS.check("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"})
    assert "goes through Cloud Control of http://127.0.0.1:1" in note.what
    assert AWS.answered_by("AWS::SQS::Queue") == ""
    real = open_aws(region="eu-west-1", profile=None, endpoint_url=None, artifacts=lambda _: b"")
    assert real.answered_by("AWS::EC2::VPC") == ""

    lab = Lab(tmp_path, one_service(Q=("AWS::SQS::Queue", {"QueueName": "q"}), A=("AWS::Odd::Thing", {"Name": "a"})))
    lab.cloud.hearsay = "Cloud Control of http://127.0.0.1:1"
    lab.run()
    lines = {event.logical_id: event_line(event) or "" for event in lab.events if isinstance(event, StepFinished)}
    assert lines["A"].endswith("(as Cloud Control of http://127.0.0.1:1 answers; the service itself was not asked)")
    assert "answers" not in lines["Q"]
    diffs = lab.survey().values()
    assert hearsay_lines(diffs) == (
        "1 resource is read only as Cloud Control of http://127.0.0.1:1 answers; the service itself was not asked",
    )
    assert hearsay_lines(replace(diff, read_at=None) for diff in diffs) == ()


@pytest.mark.parametrize(("queues", "rest"), [(5, ""), (6, "and 1 more"), (8, "and 3 more")])
def test_a_refusal_names_five_and_counts_the_rest(tmp_path: Path, queues: int, rest: str) -> None:
    one = "    Q{}:\n      Type: AWS::SQS::Queue\n      Properties:\n        VisibilityTimeOut: 99\n"
    plan, _ = checked(Bench(tmp_path).compile(resources("".join(map(one.format, range(queues))))))
    why = refusal_of(Plan(Operation.DEPLOY, (plan,))).why.split("; did you mean VisibilityTimeout?")
    assert " ".join(why).count("unknown property") == 4
    assert rest in why[-1] if rest else "more" not in why[-1]
