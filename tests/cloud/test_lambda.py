"""Functions, permissions and event source mappings on both emulators."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.lambda_function import FunctionHandler
from stateroom.cloud.aws.lambda_mapping import EventSourceMappingHandler
from stateroom.cloud.aws.lambda_model import zipped_source
from stateroom.cloud.aws.lambda_permission import PermissionHandler
from stateroom.cloud.provider import ReadRequest
from stateroom.cloud.session import open_aws
from stateroom.errors import CloudError
from stateroom.model.values import Secret
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
PACKAGES = {
    hashlib.sha256(package).hexdigest(): package
    for package in (zipped_source(f"def handler(e, c): return {n}", "python3.11") for n in (1, 2))
}
FIRST, SECOND = PACKAGES


class Functions(FunctionHandler):
    """The handler with two packages to deploy."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(clients, PACKAGES.__getitem__)


@pytest.fixture
def role(emulator: Emulator) -> str:
    answer = emulator.client("iam").create_role(RoleName="exec", AssumeRolePolicyDocument=json.dumps(TRUST))
    return str(answer["Role"]["Arn"])


@pytest.fixture
def function(emulator: Emulator, role: str) -> Bench:
    inputs = {
        "FunctionName": "shop-dev-pay",
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ArtifactSha256": FIRST},
        "MemorySize": 256,
        "Timeout": 10,
        "Environment": {"Variables": {"TABLE": "orders", "KEY": Secret("hunter2"), "LIMIT": 5}},
        "Tags": [{"Key": "team", "Value": "blue"}],
    }
    return Bench(Functions, emulator.endpoint_url, inputs)


class TestFunction:
    def test_a_new_function_is_as_asked_and_active(self, function: Bench, emulator: Emulator) -> None:
        model = function.create()

        assert agrees(
            model, {name: function.inputs[name] for name in ("Runtime", "MemorySize", "Timeout", "Tags", "Code")}
        )
        assert model["Environment"] == {"Variables": {"TABLE": "orders", "KEY": "hunter2", "LIMIT": "5"}}
        assert model["Arn"].endswith(":function:shop-dev-pay")
        assert function.identified == ["shop-dev-pay"]
        state = emulator.client("lambda").get_function(FunctionName="shop-dev-pay")["Configuration"]["State"]
        assert state == "Active"

    def test_a_reading_has_nothing_that_changes_by_itself(self, function: Bench) -> None:
        assert not function.create().keys() & {"LastModified", "RevisionId", "State", "LastUpdateStatus"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MemorySize", 512),
            ("Timeout", 30),
            ("Description", "pays"),
            ("Environment", {"Variables": {"TABLE": "other"}}),
            ("Code", {"ArtifactSha256": SECOND}),
            ("Tags", [{"Key": "team", "Value": "red"}]),
            ("ReservedConcurrentExecutions", 3),
        ],
    )
    def test_each_property_changes_alone(self, function: Bench, name: str, value: Any) -> None:
        before = function.create()
        after = function.change(**{name: value})

        assert after[name] == value
        assert differing(before, after) == {name}

    def test_what_is_unset_goes_back_to_the_default(self, function: Bench) -> None:
        function.inputs |= {"Description": "pays", "ReservedConcurrentExecutions": 3}
        function.create()
        after = function.change(
            MemorySize=None,
            Timeout=None,
            Environment=None,
            Tags=None,
            Description=None,
            ReservedConcurrentExecutions=None,
        )

        assert (after["MemorySize"], after["Timeout"]) == (128, 3)
        assert not after.keys() & {"Environment", "Tags", "Description", "ReservedConcurrentExecutions"}
        assert function.find() == "shop-dev-pay"  # our own tags are still there

    def test_a_change_made_by_hand_is_seen(self, function: Bench, emulator: Emulator) -> None:
        before = function.create()
        client = emulator.client("lambda")
        client.update_function_configuration(FunctionName=function.id, Timeout=99)
        client.put_function_concurrency(FunctionName=function.id, ReservedConcurrentExecutions=1)

        assert differing(before, function.read()) == {"Timeout", "ReservedConcurrentExecutions"}

    def test_inline_source_becomes_a_package(self, function: Bench) -> None:
        source = "def handler(e, c): return 7"
        function.inputs["Code"] = {"ZipFile": source}

        digest = hashlib.sha256(zipped_source(source, "python3.11")).hexdigest()
        assert function.create()["Code"] == {"ArtifactSha256": digest}

    def test_deleting_twice_is_fine(self, function: Bench) -> None:
        function.create()
        function.delete()
        function.delete()

        assert not function.exists()

    def test_only_our_own_function_is_found(self, function: Bench) -> None:
        assert function.find() is None
        function.create()

        assert function.find() == "shop-dev-pay"
        assert function.find(STRANGER) is None

    def test_a_property_that_would_silently_not_be_set_is_refused(self, function: Bench) -> None:
        function.inputs["TenancyConfig"] = {"TenantIsolationMode": "PER_TENANT"}

        with pytest.raises(CloudError, match="TenancyConfig"):
            function.create()
        assert function.find() is None


@pytest.fixture
def permission(function: Bench, emulator: Emulator) -> Bench:
    function.create()
    inputs = {
        "FunctionName": function.read()["Arn"],
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": "arn:aws:events:eu-west-1:123456789012:rule/tick",
    }
    return Bench(PermissionHandler, emulator.endpoint_url, inputs)


class TestPermission:
    def test_a_new_permission_is_as_asked(self, permission: Bench) -> None:
        model = permission.create()

        assert agrees(model, permission.inputs)
        assert model["Id"] == permission.id

    def test_its_id_is_the_same_each_time_so_that_it_is_found_again(self, permission: Bench) -> None:
        permission.create()

        assert permission.find() == permission.id
        assert permission.find(STRANGER) is None

    def test_creating_again_puts_right_what_is_there(self, permission: Bench) -> None:
        permission.create()
        permission.inputs["Principal"] = "s3.amazonaws.com"

        assert permission.create()["Principal"] == "s3.amazonaws.com"

    def test_a_change_leaves_one_statement(self, permission: Bench, emulator: Emulator) -> None:
        permission.create()
        after = permission.change(SourceArn="arn:aws:events:eu-west-1:123456789012:rule/tock")

        assert after["SourceArn"].endswith("tock")
        policy = json.loads(emulator.client("lambda").get_policy(FunctionName="shop-dev-pay")["Policy"])
        assert [statement["Sid"] for statement in policy["Statement"]] == [permission.id]

    def test_deleting_twice_and_without_a_function_is_fine(self, permission: Bench, function: Bench) -> None:
        permission.create()
        permission.delete()
        assert not permission.exists()
        function.delete()
        permission.delete()

        assert not permission.exists()

    def test_an_account_is_read_as_it_was_written(self, permission: Bench) -> None:
        permission.inputs |= {"Principal": "123456789012", "SourceAccount": "123456789012"}
        del permission.inputs["SourceArn"]

        assert agrees(permission.create(), permission.inputs)

    def test_the_batch_reader_says_what_the_single_one_says(self, permission: Bench) -> None:
        assert permission.create() == permission.read_in_bulk()


@pytest.fixture
def queue_arn(emulator: Emulator) -> str:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


@pytest.fixture
def mapping(function: Bench, queue_arn: str, emulator: Emulator) -> Bench:
    function.create()
    inputs = {
        "FunctionName": "shop-dev-pay",
        "EventSourceArn": queue_arn,
        "BatchSize": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return Bench(EventSourceMappingHandler, emulator.endpoint_url, inputs)


class TestEventSourceMapping:
    def test_a_new_mapping_is_as_asked_and_enabled(self, mapping: Bench) -> None:
        model = mapping.create()

        asked = {name: mapping.inputs[name] for name in ("EventSourceArn", "BatchSize", "FunctionResponseTypes")}
        assert agrees(model, {**asked, "Enabled": True, "Id": mapping.id})
        assert model["FunctionName"].endswith(":function:shop-dev-pay")

    def test_settings_change_and_go_back(self, mapping: Bench) -> None:
        before = mapping.create()
        after = mapping.change(BatchSize=7, Enabled=False)
        assert differing(before, after) == {"BatchSize", "Enabled"}
        assert after["Enabled"] is False

        after = mapping.change(BatchSize=None, Enabled=None)
        assert (after["BatchSize"], after["Enabled"]) == (10, True)

    def test_only_our_own_mapping_is_found(self, mapping: Bench) -> None:
        assert mapping.find() is None
        mapping.create()

        assert mapping.find() == mapping.id
        assert mapping.find(STRANGER) is None

    def test_tags_are_read_when_they_are_asked_for(self, mapping: Bench) -> None:
        mapping.inputs["Tags"] = [{"Key": "team", "Value": "blue"}]
        assert agrees(mapping.create(), {"Tags": mapping.inputs["Tags"]})

        after = mapping.change(Tags=[{"Key": "team", "Value": "red"}])
        assert after["Tags"] == [{"Key": "team", "Value": "red"}]
        assert mapping.find() == mapping.id

    def test_a_change_made_by_hand_is_seen(self, mapping: Bench, emulator: Emulator) -> None:
        before = mapping.create()
        emulator.client("lambda").update_event_source_mapping(UUID=mapping.id, BatchSize=9)

        assert differing(before, mapping.read()) == {"BatchSize"}

    def test_deleting_twice_is_fine(self, mapping: Bench) -> None:
        mapping.create()
        mapping.delete()
        mapping.delete()

        assert not mapping.exists()

    def test_the_batch_reader_says_what_the_single_one_says(self, mapping: Bench) -> None:
        model = mapping.create()
        readings = list(mapping.handler.read_many([ReadRequest("m", mapping.handler.type, mapping.id, mapping.inputs)]))

        assert [reading.live.properties for reading in readings] == [model]


def test_the_code_that_runs_can_be_downloaded(function: Bench, emulator: Emulator) -> None:
    provider = open_aws(region=REGION, profile=None, endpoint_url=emulator.endpoint_url, artifacts=PACKAGES.__getitem__)
    function.create()
    if emulator.name == "moto":  # it names a place that it does not serve
        with pytest.raises(CloudError, match="could not be downloaded"):
            provider.package("AWS::Lambda::Function", function.id)
        return
    assert provider.package("AWS::Lambda::Function", function.id) == PACKAGES[FIRST]
    emulator.client("lambda").update_function_code(FunctionName=function.id, ZipFile=PACKAGES[SECOND])
    assert hashlib.sha256(provider.package("AWS::Lambda::Function", function.id)).hexdigest() == SECOND
