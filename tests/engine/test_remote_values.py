"""A workspace reads what its config's variables ask AWS for, when it compiles."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from stateroom.config.compiler import compile_service
from stateroom.engine.opening.project_loading import read_project, settings_of
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError
from stateroom.model.values import Secret
from tests.support.emulators import REGION, Emulator


@pytest.mark.emulator
def test_a_secure_string_is_a_secret_of_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    (tmp_path / "serverless.yml").write_text(
        "service: shop\nprovider: {name: aws, region: eu-west-1}\n"
        "resources: {Outputs: {Key: {Value: '${ssm:/key}'}, Account: {Value: '${aws:accountId}'}}}\n"
    )
    options = WorkspaceOptions()
    project = read_project(tmp_path, options)
    with mock_aws():
        boto3.client("ssm", region_name="eu-west-1").put_parameter(Name="/key", Value="hunter2", Type="SecureString")
        template = compile_service(project, "shop", settings_of(project, options))
    assert template.outputs["Key"].value == Secret("hunter2")
    assert template.outputs["Account"].value == "123456789012"


STACK = """
service: shop
provider: {name: aws, region: eu-west-1}
resources:
  Parameters: {Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /plain}}
  Resources:
    Q:
      Type: AWS::SQS::Queue
      Properties:
        Stored: !Ref Stored
        Secure: '{{resolve:ssm-secure:/secure:1}}'
        Secret: '{{resolve:secretsmanager:db:SecretString:password}}'
        Zone: !Select [0, !GetAZs '']
"""


def test_a_stacks_questions_are_answered_by_each_emulator(emulator: Emulator, tmp_path: Path) -> None:
    ssm, secrets = emulator.client("ssm"), emulator.client("secretsmanager")
    ssm.put_parameter(Name="/plain", Value="text", Type="String")
    ssm.put_parameter(Name="/secure", Value="hunter2", Type="SecureString")
    secrets.create_secret(Name="db", SecretString='{"password": "pa55"}')
    (tmp_path / "serverless.yml").write_text(STACK.replace("eu-west-1", REGION))
    options = WorkspaceOptions(endpoint_url=emulator.endpoint_url)
    project = read_project(tmp_path, options)
    queue = compile_service(project, "shop", settings_of(project, options)).resources["Q"].properties
    assert (queue["Stored"], queue["Secure"], queue["Secret"]) == ("text", Secret("hunter2"), Secret("pa55"))
    assert queue["Zone"]["Fn::Select"][1][0] == f"{REGION}a"


@pytest.mark.emulator
def test_an_endpoint_that_is_not_there_is_named_with_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(STACK)
    options = WorkspaceOptions(endpoint_url="http://127.0.0.1:9")
    project = read_project(tmp_path, options)
    with pytest.raises(ConfigError, match="SSM parameter /plain cannot be read") as caught:
        compile_service(project, "shop", settings_of(project, options))
    assert "127.0.0.1:9" in caught.value.what
