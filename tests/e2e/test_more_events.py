"""Buckets that call functions, schedules, addresses of functions and their destinations, through the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory

CONFIG = f"""\
service: album
provider: {{name: aws, runtime: python3.12, region: {REGION}}}
layers:
  shared: {{path: shared}}
functions:
  thumb:
    handler: app.handler
    layers: [!Ref SharedLambdaLayer]
    url: {{cors: true}}
    maximumRetryAttempts: 1
    destinations: {{onFailure: {{type: sqs, arn: !GetAtt Failed.Arn}}}}
    events:
      - s3: {{bucket: album-dev-photos, event: 's3:ObjectCreated:*', rules: [{{suffix: .png}}]}}
      - schedule: {{method: scheduler, rate: rate(1 hour), timezone: Europe/Berlin}}
resources:
  Resources:
    Failed: {{Type: 'AWS::SQS::Queue'}}
    Archive:
      Type: AWS::S3::Bucket
      Properties: {{VersioningConfiguration: {{Status: Enabled}}}}
  Outputs:
    archive: {{Value: !Ref Archive}}
"""


@pytest.fixture
def album(tmp_path: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    shell = Shell(tmp_path, emulator, capsys)
    shell.config.write_text(CONFIG)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "colours.py").write_text("RED = 1\n")
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 1\n")
    return shell


def test_they_live_and_die(album: Shell) -> None:
    cloud = album.emulator
    code, out, err = album.run("deploy", "--yes")
    assert code == 0, out + err
    assert f"{cloud.account}" in out  # the bucket's name is one of a kind
    told = cloud.client("s3").get_bucket_notification_configuration(Bucket="album-dev-photos")
    assert len(told["LambdaFunctionConfigurations"]) == 1
    assert cloud.client("scheduler").list_schedules()["Schedules"]
    (layer,) = cloud.client("lambda").get_function_configuration(FunctionName="album-dev-thumb")["Layers"]
    assert layer["Arn"].endswith(":shared:1")
    assert album.run("status", "--exit-code")[0] == 0
    assert "Nothing to do" in "".join(album.run("deploy", "--yes")[1:])

    (album.directory / "shared" / "colours.py").write_text("RED = 2\n")
    album.edit("rate: rate(1 hour)", "rate: rate(2 hours)")
    album.edit("rules: [{suffix: .png}]", "rules: [{suffix: .jpg}]")
    code, out, err = album.run("deploy", "--yes")
    assert code == 0, out + err
    (layer,) = cloud.client("lambda").get_function_configuration(FunctionName="album-dev-thumb")["Layers"]
    assert layer["Arn"].endswith(":shared:2")
    assert album.run("status", "--exit-code")[0] == 0

    code, out, err = album.run("remove", "--yes")
    assert code == 0, out + err
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert cloud.client("scheduler").list_schedules()["Schedules"] == []
    assert inventory(cloud) == frozenset()
