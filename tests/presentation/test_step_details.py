"""What a plan says of a step: properties of creates, policies statement by statement, and the cloud beside changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stateroom.config.resources.placeholders import with_placeholders
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.plan import Action, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Resource, Template
from stateroom.model.values import ABSENT, UNKNOWN, UNREAD, Secret
from stateroom.presentation.plans import title, unread_lines
from stateroom.presentation.steps.changes import change_line, change_lines, change_row
from stateroom.presentation.steps.made import MadeProperties
from stateroom.presentation.steps.policies import statement_text, statements
from stateroom.presentation.steps.properties import property_lines

ROLE, QUEUE = "AWS::IAM::Role", "AWS::SQS::Queue"
ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
EVERYTHING = {"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}


def step(action: Action = Action.UPDATE, type_: str = QUEUE, **more: object) -> Step:
    return Step("orders/R", "orders", "R", type_, action, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (ASSUME["Statement"][0], "Allow sts:AssumeRole for Service lambda.amazonaws.com"),
        ({"Effect": "Deny", "NotAction": ["iam:*"], "Resource": ["a", "b"]}, "Deny everything but iam:* on a, b"),
        (
            {"Effect": "Allow", "Action": "s3:*", "NotResource": "x", "Principal": "*"},
            "Allow s3:* on everything but x for everybody (*)",
        ),
        ({"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": "*"}}, "Allow s3:* for everybody (AWS *)"),
        (
            {"Effect": "Allow", "Action": "s3:*", "NotPrincipal": {"AWS": ["1", "2"]}},
            "Allow s3:* for everybody but AWS 1, 2",
        ),
        (
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Condition": {"ArnLike": {"aws:SourceArn": ["a", "b"]}, "Bool": {"aws:SecureTransport": True}},
            },
            "Allow sqs:SendMessage if ArnLike aws:SourceArn = a or b and Bool aws:SecureTransport = true",
        ),
        ({"Effect": "Allow", "Action": "s3:*", "Odd": 1}, 'Allow s3:* and {"Odd": 1}'),
    ],
)
def test_a_statement_is_one_line_and_leaves_nothing_out(statement: dict[str, object], words: str) -> None:
    assert statement_text(statement) == words


def test_policies_are_read_from_mappings_and_from_json_texts() -> None:
    assert list(statements(EVERYTHING) or ()) == [("All", "Allow * on *")]
    assert list(statements(json.dumps(EVERYTHING)) or ()) == [("All", "Allow * on *")]
    assert statements("{broken Statement") is None
    assert statements({"Statement": 3}) is None


def test_a_roles_policies_are_shown_in_full_first_and_never_cut() -> None:
    """Case create-without-properties."""
    actions = [f"service{number}:Action{number}" for number in range(40)]
    role = {
        "Description": "d" * 300,
        "Policies": [
            {"PolicyName": "all", "PolicyDocument": EVERYTHING},
            {"PolicyName": "long", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": actions}]}},
        ],
        "AssumeRolePolicyDocument": ASSUME,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    }
    lines = [line.within(60) for line in property_lines(ROLE, role)]
    assert lines[0] == "Policies.all All: Allow * on *"
    assert lines[1] == f"Policies.long: Allow {', '.join(actions)}"
    assert lines[2] == "AssumeRolePolicyDocument: Allow sts:AssumeRole for Service lambda.amazonaws.com"
    assert lines[3] == "ManagedPolicyArns: arn:aws:iam::aws:policy/AdministratorAccess"
    assert lines[4].startswith("Description: ddd")
    assert len(lines[4]) == 60


def test_properties_are_one_line_an_attribute() -> None:
    properties = {
        "QueueName": "orders",
        "Tags": [{"Key": "team", "Value": "a"}],
        "Environment": {"Variables": {"KEY": Secret("s3cret"), "EMPTY": {}}},
        "Layers": ["a", UNKNOWN],
        "Filters": [{"Pattern": "x"}, "y"],
    }
    assert [line.within(80) for line in property_lines(QUEUE, properties)] == [
        "QueueName: orders",
        "Tags.team: a",
        "Environment.Variables.KEY: ***",
        "Environment.Variables.EMPTY: {}",
        "Layers: a, (known after deploy)",
        "Filters[0].Pattern: x",
        "Filters[1]: y",
    ]


@pytest.mark.parametrize(
    ("type_", "name", "guarded"),
    [
        ("AWS::Lambda::Permission", "Principal", True),
        ("AWS::Lambda::Url", "AuthType", True),
        ("AWS::SQS::QueuePolicy", "Queues", True),
        ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", True),
        ("AWS::Lambda::Function", "Role", True),
        ("AWS::Lambda::Function", "Timeout", False),
        ("AWS::IAM::Role", "Tags", False),
    ],
)
def test_what_lets_people_in_or_data_out_is_never_folded(type_: str, name: str, guarded: bool) -> None:
    made = MadeProperties(Plan(Operation.DEPLOY, ()))
    create = step(Action.CREATE, type_, inputs={name: "x"})
    assert [line.name for line in made.lines(create, folded=True)] == ([name] if guarded else [])
    assert made.foldable(create) == (0 if guarded else 1)
    assert [line.name for line in made.lines(create, folded=False)] == [name]


def test_what_only_the_deploy_tells_has_the_name_of_where_it_comes_from() -> None:
    source = {
        "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "Text": {"Fn::Sub": "${Queue.Arn}/${AWS::Region}"},
        "Joined": {"Fn::Join": [":", ["a", {"Ref": "Queue"}]]},
        "Other": [{"Ref": "A"}, "known"],
        "Odd": {"Fn::Select": [0, {"Fn::GetAtt": ["A", "List"]}]},
        "Known": 1,
    }
    known = {
        "Arn": UNKNOWN,
        "Text": UNKNOWN,
        "Joined": UNKNOWN,
        "Other": [UNKNOWN, "known"],
        "Odd": UNKNOWN,
        "Known": 1,
    }
    shown = with_placeholders(known, source)
    assert shown["Odd"] is UNKNOWN
    assert {key: value for key, value in shown.items() if key != "Odd"} == {
        "Arn": "${Queue.Arn}",
        "Text": "${Queue.Arn}/${AWS::Region}",
        "Joined": "a:${Queue}",
        "Other": ["${A}", "known"],
        "Known": 1,
    }
    target = Template("orders", "shop", "dev", "eu", {"R": Resource("R", QUEUE, {"Arn": source["Arn"]})})
    plan = Plan(Operation.DEPLOY, (ServicePlan("orders", target=target),))
    create = step(Action.CREATE, inputs={"Arn": UNKNOWN, "QueueName": "made-up"})
    lines = MadeProperties(plan).lines(create, folded=False)
    assert [line.within(60) for line in lines] == ["Arn: ${Queue.Arn}", "QueueName: made-up"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change(("T",), 10, 11, cloud=60), "T: 10 → 11, the cloud has 60"),
        (Change(("T",), 10, 11, cloud=10), "T: 10 → 11"),
        (Change(("T",), 10, 11, cloud=11), "T: 10 → 11, the cloud has it already"),
        (Change(("T",), 10, 11, cloud=ABSENT), "T: 10 → 11, the cloud has none"),
        (Change(("T",), 10, 11, cloud=UNREAD), "T: 10 → 11"),
        (Change(("T",), ABSENT, 11, cloud=30), "T: set to 11, the cloud has 30"),
        (Change(("T",), 10, ABSENT, cloud=60), "T: unset, was 10, the cloud has 60"),
        (Change(("T",), 10, 10, cloud=60), "T: 10 again, the cloud has 60"),
        (
            Change(("T",), 10, 11, forces_replacement=True, cloud=60),
            "T: 10 → 11, the cloud has 60  (forces replacement)",
        ),
        (Change(("K",), Secret("a"), Secret("b"), cloud=Secret("c")), "K: *** → *** (other), the cloud has another"),
        (Change(("T",), 10, UNKNOWN, cloud=60), "T: 10 → (known after deploy), the cloud has 60"),
    ],
)
def test_a_change_says_what_the_cloud_has_where_that_is_neither_before_nor_after(change: Change, line: str) -> None:
    """Case plan-hides-cloud-value."""
    assert change_line(change, 100) == line


def test_what_exists_and_is_adopted_stands_beside_the_config() -> None:
    change = Change(("T",), 60, 10, cloud=60)
    owner = Ownership("q", Claim.NOBODY)
    adopt = step(Action.ADOPT, changes=(change,), owner=owner)
    assert change_lines(adopt) == ("T: config 10, the cloud has 60",)
    row = change_row(adopt, change, Operation.DEPLOY)
    assert (row.state, row.cloud, row.after, row.note) == (ABSENT, 60, 60, "the config has 10")


def test_the_columns_of_a_heal_lead_from_the_cloud_back_to_the_state() -> None:
    row = change_row(step(), Change(("T",), 60, 10, cloud=60), Operation.HEAL)
    assert (row.state, row.cloud, row.after, row.overwrites) == (10, 60, 10, False)
    row = change_row(step(), Change(("T",), 10, 11, cloud=60), Operation.DEPLOY)
    assert (row.state, row.cloud, row.after, row.overwrites) == (10, 60, 11, True)


def test_a_changed_policy_says_which_statements_go_come_and_are_only_in_the_cloud() -> None:
    one, two, hand = ([{"Effect": "Allow", "Action": [name], "Resource": ["*"]}] for name in ("a:A", "b:B", "*"))
    path = ("PolicyDocument", "Statement")
    policy = step(type_="AWS::SQS::QueuePolicy", changes=(Change(path, one, two, cloud=[*one, *hand]),))
    assert change_lines(policy) == (
        "PolicyDocument.Statement:",
        "  - Allow a:A on *",
        "  + Allow b:B on *",
        "  ^ Allow * on *  (only in the cloud: written over)",
    )


def test_guarded_values_of_a_change_are_whole() -> None:
    long = "arn:aws:iam::123456789012:role/" + "x" * 200
    line = change_lines(step(type_="AWS::Lambda::Function", changes=(Change(("Role",), "a", long),)), 60)[0]
    assert line == f"Role: a → {long}"


def test_drift_that_stays_is_said_and_so_is_what_was_not_read() -> None:
    update = step(changes=(Change(("T",), 1, 2),), kept=(Change(("M",), 128, 256, cloud=256),), unread="AccessDenied")
    assert change_lines(update)[1] == "M: stays 256 in the cloud, the state has 128"
    plan = Plan(Operation.DEPLOY, (ServicePlan("orders", (update, update), stage="dev"),))
    assert unread_lines(plan) == ("the cloud was not read (orders/R and 1 more): AccessDenied",)


def test_the_title_names_all_that_a_plan_acts_on() -> None:
    places: dict[str, Any] = {"stage": "dev", "region": "eu-west-1", "account": "123456789012"}
    services = (ServicePlan("orders", (step(),), **places), ServicePlan("billing", **places))
    plan = Plan(Operation.DEPLOY, services, project_services=3, targets=("orders/R",))
    assert title(plan, "local") == (
        "Plan: deploy of orders, billing (2 of 3 services) to dev · eu-west-1 · account 123456789012 · home local"
        "; targets orders/R"
    )
    back = Plan(Operation.ROLLBACK, services[:1], version=41, project_services=1)
    assert title(back) == "Plan: rollback of orders to version 41 on dev · eu-west-1 · account 123456789012"
    assert title(Plan(Operation.REMOVE, services[:1])).startswith("Plan: remove of orders from dev")
