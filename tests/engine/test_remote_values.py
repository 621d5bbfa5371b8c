"""A workspace reads what its config's variables ask AWS for, when it compiles."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from stateroom.config.compiler import compile_service
from stateroom.engine.configuration import read_project, settings_of
from stateroom.engine.options import WorkspaceOptions
from stateroom.model.values import Secret


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
