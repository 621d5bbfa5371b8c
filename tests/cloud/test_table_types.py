"""What types that are tables do their own way: deletion windows, secrets, versions, settings one after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stateroom.cloud.aws.ecr import RepositoryHandler
from stateroom.cloud.aws.iam_policies import ManagedPolicyHandler
from stateroom.cloud.aws.kinesis import StreamHandler
from stateroom.cloud.aws.kms import KeyHandler
from stateroom.cloud.aws.pipes import PipeHandler
from stateroom.cloud.aws.secretsmanager import SecretHandler
from stateroom.cloud.aws.ssm import ParameterHandler
from stateroom.cloud.provider import Owner, ResourceData
from stateroom.errors import CloudError
from stateroom.model.values import Secret
from tests.cloud.bench import STRANGER, Bench
from tests.cloud.sent import Recorder
from tests.cloud.test_aws_provider import TRUST
from tests.support.emulators import Emulator


def document(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def test_a_deleted_secret_is_taken_back_by_its_owner(emulator: Emulator) -> None:
    secret = Bench(SecretHandler, emulator.endpoint_url, {"Name": "token", "SecretString": Secret("hush")})
    secret.create()
    first = secret.id
    for _ in range(2):
        secret.delete()
    assert not secret.exists()
    assert secret.find() is None

    secret.inputs["Description"] = "of the till"
    made = secret.create()
    assert secret.id == first
    assert made["Description"] == "of the till"
    assert emulator.client("secretsmanager").get_secret_value(SecretId=first)["SecretString"] == "hush"


def test_a_strangers_secret_that_is_scheduled_for_deletion_blocks_the_name(emulator: Emulator) -> None:
    secret = Bench(SecretHandler, emulator.endpoint_url, {"Name": "token", "SecretString": Secret("hush")})
    secret.create(STRANGER)
    secret.delete()

    with pytest.raises(CloudError, match="its name is blocked until it is gone for good") as caught:
        secret.create()
    assert "kept until 20" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert caught.value.refused
    assert "DeletedDate" in emulator.client("secretsmanager").describe_secret(SecretId=secret.id)


def test_a_generated_secret_is_made_once_and_is_in_no_reading(emulator: Emulator) -> None:
    template = {"SecretStringTemplate": Secret('{"user":"shop"}'), "GenerateStringKey": "password"}
    generated = {**template, "PasswordLength": 20}
    secret = Bench(SecretHandler, emulator.endpoint_url, {"Name": "login", "GenerateSecretString": generated})

    def ask() -> Any:
        return json.loads(emulator.client("secretsmanager").get_secret_value(SecretId=secret.id)["SecretString"])

    model = secret.create()
    made = ask()

    assert (made["user"], len(made["password"])) == ("shop", 20)
    assert made["password"] not in repr(model)
    secret.change(Description="for reports")
    assert ask() == made


def test_a_template_that_holds_nothing_is_refused_in_the_plan() -> None:
    handler = SecretHandler(Recorder(there=False))  # type: ignore[arg-type]
    (problem,) = handler.problems({"GenerateSecretString": {"SecretStringTemplate": "user"}})
    assert problem.path == ("GenerateSecretString", "SecretStringTemplate")


def test_the_value_of_a_secure_string_is_a_secret(emulator: Emulator) -> None:
    inputs = {"Name": "/shop/key", "Type": "SecureString", "Value": Secret("hush")}
    parameter = Bench(ParameterHandler, emulator.endpoint_url, inputs)

    assert parameter.create()["Value"] == Secret("hush")
    assert parameter.change(Value=Secret("hush-hush"))["Value"] == Secret("hush-hush")
    assert "hush" not in repr(parameter.read())
    (problem,) = ParameterHandler(Recorder(there=False)).problems({"Type": "Text"})  # type: ignore[arg-type]
    assert problem.what == "Type cannot be Text"


def test_a_key_leaves_after_its_window_and_reads_as_gone_at_once(emulator: Emulator) -> None:
    key = Bench(KeyHandler, emulator.endpoint_url, {"Description": "orders", "PendingWindowInDays": "7"})
    key.create()
    for _ in range(2):
        key.delete()

    assert not key.exists()
    leaving = emulator.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert leaving["KeyState"] == "PendingDeletion"
    assert 6 <= (leaving["DeletionDate"] - leaving["CreationDate"]).days <= 7
    assert key.find() is None


def test_a_key_is_disabled_after_its_rotation_is_set(emulator: Emulator) -> None:
    key = Bench(KeyHandler, emulator.endpoint_url, {"Enabled": False, "EnableKeyRotation": True})
    made = key.create()
    assert (made["Enabled"], made["EnableKeyRotation"]) == (False, True)
    assert key.find() == key.id

    policy = document("kms:*")
    changed = key.change(Enabled=None, EnableKeyRotation=None, KeyPolicy=policy)
    assert (changed["Enabled"], changed["EnableKeyRotation"], changed["KeyPolicy"]) == (True, False, policy)


def test_a_managed_policy_makes_room_for_its_sixth_version_and_leaves_its_other_holders(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    for role in ("ours", "theirs"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    inputs = {"ManagedPolicyName": "reads", "PolicyDocument": document("s3:Get0"), "Roles": ["ours"]}
    policy = Bench(ManagedPolicyHandler, emulator.endpoint_url, inputs)
    policy.create()
    iam.attach_role_policy(RoleName="theirs", PolicyArn=policy.id)
    for number in range(1, 7):
        changed = policy.change(PolicyDocument=document(f"s3:Get{number}"))
        assert changed["PolicyDocument"] == document(f"s3:Get{number}")

    assert policy.read()["Roles"] == ["ours"]
    assert len(iam.list_policy_versions(PolicyArn=policy.id)["Versions"]) == 5
    policy.change(Roles=None)
    there = iam.list_entities_for_policy(PolicyArn=policy.id)["PolicyRoles"]
    assert [role["RoleName"] for role in there] == ["theirs"]
    for _ in range(2):
        policy.delete()
    assert not policy.exists()


def test_a_streams_settings_are_written_one_after_the_other(emulator: Emulator) -> None:
    stream = Bench(StreamHandler, emulator.endpoint_url, {"Name": "orders", "ShardCount": "1"})
    assert stream.create()["ShardCount"] == 1
    encryption = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    changed = stream.change(ShardCount=2, RetentionPeriodHours="36", StreamEncryption=encryption)

    assert (changed["ShardCount"], changed["RetentionPeriodHours"]) == (2, 36)
    assert changed["StreamEncryption"] == encryption
    assert "StreamEncryption" not in stream.change(StreamEncryption=None)
    assert (
        "ShardCount"
        not in Bench(
            StreamHandler,
            emulator.endpoint_url,
            {"Name": "clicks", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}},
        ).create()
    )


def test_a_repository_with_images_is_deleted_only_where_the_config_says_so(emulator: Emulator) -> None:
    repository = Bench(RepositoryHandler, emulator.endpoint_url, {"RepositoryName": "images"})
    repository.create()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"})
    emulator.client("ecr").put_image(repositoryName="images", imageManifest=manifest, imageTag="one")

    with pytest.raises(Exception, match="RepositoryNotEmptyException"):
        repository.delete()
    repository.inputs["EmptyOnDelete"] = True
    repository.delete()
    assert not repository.exists()


def test_an_update_of_a_pipe_leaves_out_what_cannot_be_changed() -> None:
    """Shapes that botocore validates: the emulators keep no source parameters, or take any."""
    recorder = Recorder(there=True)
    pipe = PipeHandler(recorder)  # type: ignore[arg-type]
    starting = {"StartingPosition": "LATEST", "BatchSize": 5}
    inputs = {
        "RoleArn": "arn:aws:iam::123456789012:role/pipe",
        "SourceParameters": {"KinesisStreamParameters": starting},
        "TargetParameters": {
            "EcsTaskParameters": {
                "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/ship:1",
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}},
                "PlacementStrategy": [{"Type": "spread", "Field": "instanceId"}],
                "Tags": [{"Key": "team", "Value": "blue"}],
            }
        },
    }
    changed = frozenset({"SourceParameters", "TargetParameters"})
    for _ in pipe.update(ResourceData("orders", inputs, {}, changed, Owner("shop", "dev", "Pipe"))):
        pass

    sent = dict(recorder.calls)["UpdatePipe"]
    assert recorder.invalid == []
    assert sent["SourceParameters"] == {"KinesisStreamParameters": {"BatchSize": 5}}
    assert sent["TargetParameters"]["EcsTaskParameters"]["PlacementStrategy"] == [
        {"type": "spread", "field": "instanceId"}
    ]
    assert sent.keys() == {"Name", "RoleArn", "SourceParameters", "TargetParameters"}
