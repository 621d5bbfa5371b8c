"""plan, plan --out FILE and deploy FILE: what is shown, what is saved, and what is refused when it has moved."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.commands.plan_text import MANY
from stateroom.engine.requests import Outcome, Request
from stateroom.model.plan import Action, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Artifact, Resource, Template
from stateroom.model.values import UNKNOWN, Secret
from stateroom.presentation.saved_plans import fingerprints
from tests.commands.fake import INFO, FakeCockpit, Process, Run

QUEUE, ROLE = "AWS::SQS::Queue", "AWS::IAM::Role"
UPDATE = Step(
    "orders/Q",
    "orders",
    "Q",
    QUEUE,
    Action.UPDATE,
    changes=(Change(("VisibilityTimeout",), 10, 11, cloud=60),),
    physical_id="q",
    inputs={"VisibilityTimeout": 11, "Key": Secret("s3cret")},
)
DELETE = Step("orders/Old", "orders", "Old", QUEUE, Action.DELETE, physical_id="https://sqs/old")
TEMPLATE = Template(
    "orders",
    "shop-orders",
    "dev",
    "eu-west-1",
    {"Q": Resource("Q", QUEUE, {"VisibilityTimeout": 11})},
    artifacts={"ab": Artifact("ab", Path("code.zip"), 1)},
)
SERVICE = ServicePlan(
    "orders",
    (UPDATE,),
    base="etag-1",
    target=TEMPLATE,
    stage="dev",
    account="1",
    region="eu-west-1",
    lineage="born",
)


@pytest.fixture(scope="module", autouse=True)
def quick_digests() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_ROUNDS", 1)
        yield


def plan(*steps: Step, operation: Operation = Operation.DEPLOY, **changed: Any) -> Plan:
    return Plan(operation, (replace(SERVICE, steps=steps or (UPDATE,), **changed),), project_services=2)


def cockpit(made: Plan | None = None, **more: Any) -> FakeCockpit:
    return FakeCockpit(made=made or plan(), outcome=Outcome(done=1), **more)


def save(path: Path, made: Plan | None = None, *arguments: str) -> Run:
    return Process(cockpit(made))("plan", *arguments, "--out", str(path))


def test_plan_shows_what_deploy_would_do_and_exits_with_2_when_there_is_something() -> None:
    process = Process(cockpit())
    run = process("plan", "--read-only")
    assert run.code == 2
    assert run.out.splitlines() == [
        "shop · dev · eu-west-1 · 123456789012",
        "Plan: deploy of orders (1 of 2 services) to dev · eu-west-1 · account 1 · home local",
        "~ update   orders/Q  SQS Queue",
        "           VisibilityTimeout: 10 → 11, the cloud has 60",
        "",
        "deploy of stage dev: 1 to update",
    ]
    assert process.cockpit.requests == [Request(Operation.DEPLOY)]
    assert process.cockpit.executed == []


def test_plan_of_nothing_exits_with_0() -> None:
    run = Process(FakeCockpit(steps=()))("plan")
    assert run.code == 0
    assert "Nothing to do" in run.out


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("plan deploy --refresh --adopt orders/Q", Request(Operation.DEPLOY, refresh=True, adopt=("orders/Q",))),
        ("plan deploy --deployer direct -t orders/Q", Request(Operation.DEPLOY, (), ("orders/Q",), deployer="direct")),
        ("plan refresh --service orders", Request(Operation.REFRESH, ("orders",))),
        ("plan heal orders/Q Tags[0].Key", Request(Operation.HEAL, (), ("orders/Q",), (("Tags", 0, "Key"),))),
        ("plan heal", Request(Operation.HEAL)),
        ("plan remove", Request(Operation.REMOVE)),
        ("plan rollback 3 --state-only", Request(Operation.ROLLBACK, version=3, state_only=True)),
    ],
)
def test_plan_plans_every_operation(line: str, request_: Request) -> None:
    process = Process(cockpit())
    assert process(*line.split()).code == 2
    assert process.cockpit.requests == [request_]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("plan explode", "invalid choice"),
        ("plan rollback", "takes one VERSION"),
        ("plan rollback latest", "latest"),
        ("plan remove now", "takes no arguments"),
        ("plan heal --refresh", "--refresh does not go with plan heal"),
        ("plan remove --adopt orders/Q", "--adopt does not go with plan remove"),
        ("plan deploy --state-only", "--state-only does not go with plan deploy"),
        ("plan refresh --deployer direct", "--deployer does not go with plan refresh"),
    ],
)
def test_arguments_of_another_operation_are_wrong_usage(line: str, says: str) -> None:
    run = Process(cockpit())(*line.split())
    assert run.code == 64
    assert says in run.err


def test_creates_show_their_properties_policies_in_full() -> None:
    """Case create-without-properties."""
    actions = ", ".join(f"sqs:Action{number}" for number in range(30))
    role = {
        "RoleName": "r" * 20,
        "Policies": [
            {
                "PolicyName": "queue",
                "PolicyDocument": {
                    "Statement": [{"Effect": "Allow", "Action": actions.split(", "), "Resource": UNKNOWN}]
                },
            }
        ],
    }
    queue = {"QueueName": "q", "Note": "n" * 300, "Key": Secret("s3cret")}
    create = Step("orders/R", "orders", "R", ROLE, Action.CREATE, inputs=role)
    made = Step("orders/N", "orders", "N", QUEUE, Action.CREATE, inputs=queue)
    source = {
        "Policies": [
            {"PolicyDocument": {"Statement": [{"Resource": {"Fn::GetAtt": ["Q", "Arn"]}}]}},
        ]
    }
    target = replace(TEMPLATE, resources={"R": Resource("R", ROLE, source)})
    run = Process(cockpit(plan(create, made, target=target)))("deploy", "--dry-run")
    assert run.code == 0
    lines = [line.strip() for line in run.out.splitlines()]
    assert f"Policies.queue: Allow {actions} on ${{Q.Arn}}" in lines
    assert "Key: ***" in lines
    note = next(line for line in lines if line.startswith("Note: "))
    assert len(note) < 120
    assert "s3cret" not in run.out


def test_json_is_complete_and_holds_no_secret() -> None:
    create = Step("orders/N", "orders", "N", QUEUE, Action.CREATE, inputs={"Key": Secret("s3cret"), "Note": "n" * 300})
    run = Process(cockpit(plan(create, DELETE)))("plan", "--json")
    assert run.code == 2
    made, gone = run.document["plan"]["services"][0]["steps"]
    assert made["properties"] == {"Key": "***", "Note": "n" * 300}
    assert gone["physical_id"] == "https://sqs/old"
    assert "s3cret" not in run.out


def test_of_very_many_creates_only_what_is_guarded_is_printed() -> None:
    role = {"RoleName": "r", "ManagedPolicyArns": ["arn:admin"]}
    queues = tuple(
        Step(f"orders/Q{number}", "orders", f"Q{number}", QUEUE, Action.CREATE, inputs={"QueueName": "folded"})
        for number in range(MANY)
    )
    policy = Step("orders/P", "orders", "P", "AWS::S3::BucketPolicy", Action.CREATE, inputs={"Bucket": "open"})
    run = Process(cockpit(plan(*queues, policy, Step("orders/R", "orders", "R", QUEUE, Action.CREATE, inputs=role))))(
        "plan"
    )
    assert "Bucket: open" in run.out
    assert "ManagedPolicyArns: arn:admin" in run.out
    assert "folded" not in run.out
    assert "--json has all" in run.out


def test_a_plan_is_saved_for_its_owner_only_and_runs_once(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    run = save(file)
    assert run.code == 2
    assert f"stateroom deploy {file} runs this plan" in run.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "s3cret" not in file.read_text()
    assert list(tmp_path.iterdir()) == [file]
    process = Process(cockpit())
    again = process("deploy", str(file), "--yes")
    assert again.code == 0
    assert process.cockpit.requests == [Request(Operation.DEPLOY)]
    assert [item[0] for item in process.cockpit.executed] == [plan()]
    once_more = Process(cockpit())("deploy", str(file), "--yes")
    assert once_more.code == 1
    assert "has been executed already" in once_more.err
    assert "plan again" in once_more.err


@pytest.mark.parametrize(
    ("made", "title", "says"),
    [
        (plan(base="etag-2"), INFO, "the state of orders"),
        (plan(stage="prod"), INFO, "the stage of orders: it was dev, and is prod"),
        (plan(account="2"), INFO, "the account of orders"),
        (plan(region="us-east-1"), INFO, "the region of orders"),
        (plan(lineage="other"), INFO, "the state of orders: it is another one"),
        (plan(target=replace(TEMPLATE, artifacts={})), INFO, "the packages of orders"),
        (plan(target=replace(TEMPLATE, resources={})), INFO, "the config of orders"),
        (plan(UPDATE, DELETE), INFO, "orders/Old is needed now"),
        (Plan(Operation.DEPLOY, (SERVICE, replace(SERVICE, service="billing"))), INFO, "the services"),
        (plan(), replace(INFO, project="other"), "the project: it was shop, and is other"),
        (plan(), replace(INFO, home="serverless"), "the home: it was local, and is serverless"),
        (
            plan(replace(UPDATE, changes=(Change(("VisibilityTimeout",), 10, 11, cloud=61),))),
            INFO,
            "the cloud: orders/Q VisibilityTimeout was 60, and is 61",
        ),
        (plan(replace(UPDATE, inputs={"VisibilityTimeout": 11, "Key": Secret("other")})), INFO, "a secret value"),
    ],
)
def test_a_saved_plan_is_refused_when_the_world_has_moved(tmp_path: Path, made: Plan, title: Any, says: str) -> None:
    file = tmp_path / "dev.plan"
    save(file)
    process = Process(cockpit(made, title=title))
    run = process("deploy", str(file), "--yes")
    assert run.code == 1
    assert says in run.err
    assert "plan again with `stateroom plan --out FILE`" in run.err
    assert process.cockpit.executed == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text[: len(text) // 2], "not a whole saved plan"),
        (lambda text: "", "not a whole saved plan"),
        (lambda text: text.replace("etag-1", "etag-2"), "was changed since it was saved"),
        (lambda text: text.replace('"version": 1', '"version": 7', 1), "was saved in format 7"),
        (lambda text: "service: shop", "not a whole saved plan"),
        (lambda text: "{}", "is not a saved plan"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_before_anything_is_opened(
    tmp_path: Path, change: Callable[[str], str], says: str
) -> None:
    file = tmp_path / "dev.plan"
    save(file)
    file.write_text(change(file.read_text()))
    run = Process(cockpit())("deploy", str(file), "--yes")
    assert run.code == 1
    assert says in run.err
    assert run.settings == []


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "is not a saved plan" in Process(cockpit())("deploy", str(binary)).err
    missing = Process(cockpit())("deploy", str(tmp_path / "missing"))
    assert missing.code == 64
    assert "cannot read the plan" in missing.err


def test_plan_writes_over_a_plan_and_over_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    save(file)
    assert save(file).code == 2
    config = tmp_path / "serverless.yml"
    config.write_text("service: shop\n")
    refused = save(config)
    assert refused.code == 64
    assert "exists and is no saved plan" in refused.err
    assert config.read_text() == "service: shop\n"
    assert save(tmp_path).code == 64
    assert "cannot write" in save(tmp_path / "missing" / "dev.plan").err


def test_a_saved_plan_is_asked_about_like_a_fresh_one(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    removal = plan(DELETE, operation=Operation.REMOVE)
    save(file, removal, "remove")
    nobody = Process(cockpit(removal))("deploy", str(file))
    assert nobody.code == 1
    assert "there is no terminal to ask on" in nobody.err
    no = Process(cockpit(removal), answers="y\n", terminal=True)
    assert no("deploy", str(file)).code == 1
    assert no.cockpit.executed == []
    yes = Process(cockpit(removal), answers="dev\n", terminal=True)
    assert yes("deploy", str(file)).code == 0
    assert yes.cockpit.requests == [Request(Operation.REMOVE)]
    assert len(yes.cockpit.executed) == 1


def test_read_only_and_a_dry_run_show_a_saved_plan_and_leave_it_to_be_run(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    save(file)
    process = Process(cockpit())
    refused = process("deploy", str(file), "--yes", "--read-only")
    assert refused.code == 1
    assert "read-only: nothing was run" in refused.err
    assert "~ update   orders/Q" in refused.out
    assert process("deploy", str(file), "--dry-run").code == 0
    assert process.cockpit.executed == []
    assert process("deploy", str(file), "--yes").code == 0


@pytest.mark.parametrize("option", ["--service orders", "-t orders/Q", "--refresh", "--adopt Q", "--deployer direct"])
def test_a_saved_plan_takes_no_other_choice(tmp_path: Path, option: str) -> None:
    file = tmp_path / "dev.plan"
    save(file)
    run = Process(cockpit())("deploy", str(file), "--yes", *option.split())
    assert run.code == 64
    assert "does not go with a saved plan" in run.err


def test_an_empty_plan_can_be_saved_and_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    nothing = Plan(Operation.DEPLOY, (replace(SERVICE, steps=()),))
    assert save(file, nothing).code == 0
    process = Process(cockpit(nothing))
    run = process("deploy", str(file), "--yes")
    assert run.code == 0
    assert "Nothing to do" in run.out
    assert process.cockpit.executed == []


def test_json_says_that_it_was_planned_and_how_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "dev.plan"
    assert Process(cockpit())("plan", "--out", str(file), "--json").document["event"] == "planned"
    run = Process(cockpit())("deploy", str(file), "--yes", "--json")
    assert [line["event"] for line in run.lines] == ["planned", "result"]
    assert json.loads(file.read_text())["executed"]
