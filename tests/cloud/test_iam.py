from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.cloud.aws.iam import RoleHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy
from tests.support.inventory import inventory

STATEMENT = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [STATEMENT]}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
SQS = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"


def policy(name: str, action: str) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    return {"PolicyName": name, "PolicyDocument": document}


ROLE: dict[str, Any] = {
    "RoleName": "shop-dev-role",
    "Path": "/shop/",
    "Description": "runs the shop",
    "MaxSessionDuration": 7200,
    "AssumeRolePolicyDocument": TRUST,
    "ManagedPolicyArns": [BASIC],
    "Policies": [policy("queue", "sqs:SendMessage"), policy("table", "dynamodb:GetItem")],
    "Tags": [{"Key": "team", "Value": "checkout"}],
}


def bench(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(RoleHandler, emulator.endpoint_url, ROLE | properties)


def test_a_role_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    role = bench(emulator)
    model = role.create()

    assert agrees(model, ROLE)
    assert model["Arn"].endswith(":role/shop/shop-dev-role")
    assert model["RoleId"]
    assert role.id == "shop-dev-role"
    assert role.identified == ["shop-dev-role"]


def test_the_bulk_reader_answers_the_same(emulator: Emulator) -> None:
    role = bench(emulator)
    model = role.create()
    other = bench(emulator, RoleName="other", Policies=[], ManagedPolicyArns=[])
    bare = other.create()

    assert role.read_in_bulk() == model
    assert other.read_in_bulk() == bare


@pytest.mark.parametrize(
    "change",
    [
        {"Description": "runs another shop"},
        {"MaxSessionDuration": 3600},
        {"ManagedPolicyArns": [SQS]},
        {"Policies": [policy("queue", "sqs:*")]},
        {"Tags": [{"Key": "owner", "Value": "ana"}]},
        {"AssumeRolePolicyDocument": {**TRUST, "Statement": [STATEMENT | {"Sid": "Lambda"}]}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    role = bench(emulator)
    before = role.create()

    after = role.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_go_back_to_what_a_new_role_has(emulator: Emulator) -> None:
    role = bench(emulator)
    role.create()

    after = role.change(Description=None, MaxSessionDuration=None, ManagedPolicyArns=None, Policies=None, Tags=None)

    assert not after.keys() & {"Description", "ManagedPolicyArns", "Policies", "Tags"}
    assert after["MaxSessionDuration"] == 3600


def test_a_boundary_comes_and_goes(emulator: Emulator) -> None:
    role = bench(emulator)
    role.create()

    assert role.change(PermissionsBoundary=BASIC)["PermissionsBoundary"] == BASIC
    assert role.read_in_bulk() == role.read()
    assert "PermissionsBoundary" not in role.change(PermissionsBoundary=None)


def test_a_description_changed_by_hand_survives_an_update_of_the_session_duration(emulator: Emulator) -> None:
    """UpdateRole resets what it is not given."""
    role = bench(emulator)
    role.create()
    emulator.client("iam").update_role(RoleName=role.id, Description="by hand", MaxSessionDuration=7200)

    assert role.change(MaxSessionDuration=10800)["Description"] == "by hand"


def test_changes_made_by_hand_show_up(emulator: Emulator) -> None:
    role = bench(emulator)
    before = role.create()
    iam = emulator.client("iam")
    iam.put_role_policy(
        RoleName=role.id, PolicyName="extra", PolicyDocument=json.dumps(policy("x", "s3:*")["PolicyDocument"])
    )
    iam.detach_role_policy(RoleName=role.id, PolicyArn=BASIC)
    iam.tag_role(RoleName=role.id, Tags=[{"Key": "team", "Value": "nobody"}])

    assert differing(before, role.read()) == {"Policies", "ManagedPolicyArns", "Tags"}


def test_a_role_goes_with_everything_on_it_and_only_once(emulator: Emulator) -> None:
    role = bench(emulator)
    role.create()
    iam = emulator.client("iam")
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role.id)

    role.delete()
    role.delete()

    assert not role.exists()
    assert inventory(emulator) == frozenset()


def test_a_role_with_nothing_but_ours_on_it_is_not_asked_about_before_it_goes(faulty: Proxy) -> None:
    role = bench(faulty)
    role.create()
    before = {name: faulty.count(name) for name in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies")}

    role.delete()

    assert {name: faulty.count(name) for name in before} == before
    assert not role.exists()


def test_policies_put_on_a_role_by_hand_go_with_it(emulator: Emulator) -> None:
    role = bench(emulator)
    role.create()
    iam = emulator.client("iam")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role.id, PolicyName="by-hand", PolicyDocument=json.dumps(allow))
    iam.attach_role_policy(RoleName=role.id, PolicyArn=SQS)

    role.delete()

    assert not role.exists()


def test_a_strangers_role_is_neither_found_nor_touched(emulator: Emulator) -> None:
    theirs = bench(emulator, Description="theirs")
    theirs.create(STRANGER)
    ours = bench(emulator)

    assert ours.find() is None
    with pytest.raises(CloudError, match="exists already"):
        ours.create()
    assert theirs.read()["Description"] == "theirs"


def test_a_lost_answer_leaves_one_role_complete(faulty: Proxy, emulator: Emulator) -> None:
    """botocore tries again by itself and is told that the role exists; it is ours, so it is finished."""
    faulty.rules.append(Fault("CreateRole", Drop(after=True), calls=(1,)))
    role = bench(faulty)

    model = role.create()

    assert agrees(model, ROLE)
    assert inventory(emulator) == {"iam:role/shop-dev-role"}
    assert role.find() == "shop-dev-role"


def test_a_create_cut_short_between_role_and_policies_is_finished_by_the_next(faulty: Proxy) -> None:
    faulty.rules.append(Fault("PutRolePolicy", Answer("AccessDenied", "not now", 403), calls=(1,)))
    role = bench(faulty)
    with pytest.raises(ClientError):
        role.create()

    assert agrees(role.create(), ROLE)


def test_a_role_that_iam_does_not_know_everywhere_yet_is_waited_for(faulty: Proxy) -> None:
    unknown = Answer("NoSuchEntity", "The role with name shop-dev-role cannot be found.", 404)
    faulty.rules.append(Fault("AttachRolePolicy", unknown, calls=(1, 2)))
    role = bench(faulty)

    assert agrees(role.create(), ROLE)
    assert len(role.pauses) == 2


def test_a_policy_that_does_not_exist_fails_at_once(faulty: Proxy) -> None:
    role = bench(faulty, ManagedPolicyArns=["arn:aws:iam::aws:policy/NoSuchPolicy"])
    faulty.rules.append(
        Fault("AttachRolePolicy", Answer("NoSuchEntity", "Policy arn:aws:… does not exist or is not attachable.", 404))
    )
    with pytest.raises(ClientError, match="not attachable"):
        role.create()
    assert role.pauses == []
