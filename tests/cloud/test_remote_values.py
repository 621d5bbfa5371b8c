"""Variables' requests against an emulator: many in few calls, missing ones as nothing, refusals as reasons."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from moto import mock_aws

from stateroom.cloud.remote_values import AwsRemoteValues, _group, _names
from stateroom.errors import CloudError
from stateroom.model.remote import (
    Account,
    AvailabilityZones,
    Exports,
    ParameterRequest,
    ParameterValue,
    RemoteRequest,
    StackOutputs,
    StoredObject,
    StoredSecret,
    WebDocument,
)
from stateroom.model.values import Secret
from tests.support.emulators import Emulator

pytestmark = pytest.mark.emulator

REGION = "eu-west-1"
TEMPLATE = """{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Name": {"Value": "queue"}}}"""


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsRemoteValues]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield AwsRemoteValues()


def test_parameters_of_every_type_are_read(values: AwsRemoteValues) -> None:
    ssm = boto3.client("ssm", region_name=REGION)
    for number in range(23):
        ssm.put_parameter(Name=f"/p/{number}", Value=f"v{number}", Type="String")
    ssm.put_parameter(Name="/list", Value="a,b", Type="StringList")
    ssm.put_parameter(Name="/secret", Value="hunter2", Type="SecureString")
    many = [ParameterRequest(REGION, f"/p/{number}") for number in range(23)]
    found = values.read(
        [
            *many,
            ParameterRequest(REGION, "/list"),
            ParameterRequest(REGION, "/secret"),
            ParameterRequest(REGION, "/nope"),
        ]
    )
    assert [found[request] for request in many] == [ParameterValue("String", f"v{number}") for number in range(23)]
    assert found[ParameterRequest(REGION, "/list")] == ParameterValue("StringList", "a,b")
    assert found[ParameterRequest(REGION, "/secret")] == ParameterValue("SecureString", "hunter2")
    assert found[ParameterRequest(REGION, "/nope")] is None
    assert "hunter2" not in repr(found)


def test_stacks_objects_and_the_account_are_read_and_missing_ones_are_nothing(values: AwsRemoteValues) -> None:
    boto3.client("cloudformation", region_name=REGION).create_stack(StackName="net", TemplateBody=TEMPLATE)
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="a/text", Body=b"hello")
    s3.put_object(Bucket="a-bucket", Key="picture", Body=b"\xff\xfe")
    requests: list[RemoteRequest] = [
        StackOutputs(REGION, "net"),
        StackOutputs(REGION, "nope"),
        StoredObject("a-bucket", "a/text"),
        StoredObject("a-bucket", "nope"),
        StoredObject("nope-bucket", "x"),
        StoredObject("a-bucket", "picture"),
        Account(),
    ]
    outputs, no_stack, text, no_key, no_bucket, picture, account = values.read(requests).values()
    assert outputs == {"Name": "queue"}
    assert (no_stack, text, no_key, no_bucket) == (None, "hello", None, None)
    assert isinstance(picture, CloudError)
    assert "not UTF-8" in picture.why
    assert account == "123456789012"


def test_the_account_is_asked_for_where_the_config_is_when_no_region_is_set(
    values: AwsRemoteValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    request = Account(region=REGION)
    assert values.read([request]) == {request: "123456789012"}


@pytest.mark.emulator
def test_a_secret_is_had_by_the_name_of_a_parameter_and_a_missing_one_is_nothing(emulator: Emulator) -> None:
    emulator.client("secretsmanager").create_secret(Name="shop/dev/db", SecretString="hunter2")
    there = ParameterRequest(REGION, "/aws/reference/secretsmanager/shop/dev/db")
    missing = ParameterRequest(REGION, "/aws/reference/secretsmanager/shop/prod/db")
    found = AwsRemoteValues(endpoint_url=emulator.endpoint_url).read([there, missing])
    assert found == {there: ParameterValue("SecureString", "hunter2"), missing: None}
    assert "hunter2" not in repr(found)


def test_a_version_and_the_current_one_are_told_apart_in_one_answer() -> None:
    old = {"Name": "/p", "Version": "3", "Selector": ":3", "ARN": "arn:p"}
    now = {"Name": "/p", "Version": "4", "ARN": "arn:p"}
    assert set(_names(old)) == {"/p:3", "arn:p:3"}
    assert set(_names(now)) == {"/p", "/p:4", "arn:p", "arn:p:4"}


EXPORTING = """{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Name": {"Value": "vpc-1", "Export": {"Name": "net-vpc"}}}}"""


def test_exports_and_secrets_are_read(values: AwsRemoteValues) -> None:
    boto3.client("cloudformation", region_name=REGION).create_stack(StackName="net", TemplateBody=EXPORTING)
    secrets = boto3.client("secretsmanager", region_name=REGION)
    arn = secrets.create_secret(Name="db", SecretString="old")["ARN"]
    secrets.put_secret_value(SecretId="db", SecretString="hunter2")
    secrets.create_secret(Name="bytes", SecretBinary=b"\xff")
    asked: list[RemoteRequest] = [
        Exports(REGION),
        Exports("us-east-2"),
        StoredSecret(REGION, "db"),
        StoredSecret(REGION, arn, stage="AWSPREVIOUS"),
        StoredSecret(REGION, "nope"),
        StoredSecret(REGION, "bytes"),
    ]
    found = values.read(asked)
    exports, none, secret, previous, missing, binary = found.values()
    assert (exports, none) == ({"net-vpc": "vpc-1"}, {})
    assert (secret, previous, missing) == (Secret("hunter2"), Secret("old"), None)
    assert isinstance(binary, CloudError)
    assert "hunter2" not in repr(found)


def test_zones_are_those_with_a_default_subnet_or_all(values: AwsRemoteValues) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    zones = AvailabilityZones(REGION)
    everything = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    assert values.read([zones])[zones] == everything
    first, *others = ec2.describe_subnets()["Subnets"]
    for subnet in others:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    assert values.read([zones])[zones] == (first["AvailabilityZone"],)
    ec2.delete_subnet(SubnetId=first["SubnetId"])
    assert values.read([zones])[zones] == everything


class Door(BaseHTTPRequestHandler):
    """Opens for one name and password."""

    def do_GET(self) -> None:
        allowed = self.headers["Authorization"] == "Basic bWU6cHc="
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(b"state" if allowed else b"")

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def test_web_documents_are_read_with_a_password_and_refusals_are_reasons() -> None:
    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/state"
    right, wrong = WebDocument(url, "me", Secret("pw")), WebDocument(url, "me", Secret("no"))
    try:
        found = AwsRemoteValues().read([right, wrong, WebDocument("file:///etc/passwd")])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found[right] == "state"
    refused = found[wrong]
    assert isinstance(refused, CloudError)
    assert refused.why == "it answers 401"
    no_web = found[WebDocument("file:///etc/passwd")]
    assert isinstance(no_web, CloudError)
    assert no_web.why == "not a web address"


def test_without_a_profile_that_exists_the_reason_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    request = ParameterRequest(REGION, "/p", profile="nobody")
    answer = AwsRemoteValues().read([request])[request]
    assert isinstance(answer, CloudError)
    assert "profile does not exist" in answer.why or "profile" in answer.why


def test_parameters_are_asked_for_together_only_in_one_region_and_the_same_way() -> None:
    one = ParameterRequest("eu-west-1", "/a", decrypt=True)
    assert _group(one) == _group(replace(one, name="/b"))
    others = [replace(one, region="us-east-1"), replace(one, decrypt=False), replace(one, profile="other")]
    assert all(_group(other) != _group(one) for other in others)
    zones = AvailabilityZones("eu-west-1")
    assert _group(zones) != _group(replace(zones, region="us-east-1"))
