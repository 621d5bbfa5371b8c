"""The framework's custom resources, on emulators."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from stateroom.cloud.aws.custom import AccountRoleHandler, BucketNotificationsHandler
from tests.cloud.bench import Bench
from tests.support.emulators import Emulator

UPLOADS = {"Event": "s3:ObjectCreated:*", "Rules": [{"Prefix": "in/"}, {"Suffix": ".jpg"}]}
REMOVALS = {"Event": "s3:ObjectRemoved:*", "Rules": []}


def function(emulator: Emulator, name: str) -> str:
    trust = {"Version": "2012-10-17", "Statement": []}
    role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def create(event, context): ...")
    made = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role["Arn"],
        Handler="app.create",
        Code={"ZipFile": code.getvalue()},
    )
    return str(made["FunctionArn"])


# Moto invokes the function as soon as a bucket is told to, for which it needs docker.
@pytest.fixture
def notifications(ministack: Emulator) -> Bench:
    emulator = ministack
    function(emulator, "shop-dev-create")
    emulator.client("s3").create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    inputs = {"BucketName": "theirs", "FunctionName": "shop-dev-create", "BucketConfigs": [UPLOADS, REMOVALS]}
    return Bench(BucketNotificationsHandler, emulator.endpoint_url, inputs)


def told(emulator: Emulator) -> list[Any]:
    document = emulator.client("s3").get_bucket_notification_configuration(Bucket="theirs")
    return list(document.get("LambdaFunctionConfigurations", []))


def test_an_existing_bucket_tells_the_function(notifications: Bench, ministack: Emulator) -> None:
    assert notifications.create() == notifications.inputs
    assert notifications.find() == "theirs/shop-dev-create"
    assert len(told(ministack)) == 2


def test_what_the_bucket_tells_others_is_kept(notifications: Bench, ministack: Emulator) -> None:
    other = {"Id": "by-hand", "LambdaFunctionArn": function(ministack, "other"), "Events": ["s3:ObjectCreated:Put"]}
    ministack.client("s3").put_bucket_notification_configuration(
        Bucket="theirs", NotificationConfiguration={"LambdaFunctionConfigurations": [other]}
    )
    notifications.create()
    assert notifications.change(BucketConfigs=[REMOVALS])["BucketConfigs"] == [REMOVALS]
    assert len(told(ministack)) == 2

    notifications.delete()
    notifications.delete()
    assert [item["Id"] for item in told(ministack)] == ["by-hand"]
    assert not notifications.exists()


# Moto does not have AWS's own policies.
def test_the_accounts_role_is_made_once_and_stays(ministack: Emulator) -> None:
    role = Bench(AccountRoleHandler, ministack.endpoint_url, {})
    assert not role.exists()
    role.create()
    first = role.id
    assert first.endswith(":role/serverlessApiGatewayCloudWatchRole")

    again = Bench(AccountRoleHandler, ministack.endpoint_url, {})
    again.create()
    assert again.id == first
    again.delete()
    assert role.exists()


def test_a_named_role_is_set_for_the_account(emulator: Emulator) -> None:
    arn = emulator.client("iam").create_role(RoleName="logs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    role = Bench(AccountRoleHandler, emulator.endpoint_url, {"RoleArn": arn})
    assert role.create() == {"RoleArn": arn}
    assert role.find() == arn
