"""An output of another service that its config does not declare: said at once, by every reader, before any deploy."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.support.emulators import Emulator

ORDERS = """\
service: orders
provider: {name: aws, region: eu-west-1}
resources:
  Resources:
    Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Outputs:
    JobsUrl: {Value: !Ref Jobs}
"""
BILLING = """\
service: billing
provider: {name: aws, region: eu-west-1}
resources:
  Resources:
    Other: {Type: AWS::SQS::Queue, Properties: {QueueName: other}}
    Bills:
      Type: AWS::SQS::Queue
      Properties:
        QueueName: bills
        Tags: [{Key: of, Value: "${param:jobs}"}]
"""
COMPOSE = """\
services:
  orders: {path: orders}
  billing: {path: billing, params: {jobs: "${orders.JobUrl}"}}
"""
WHY = "serverless.yml:10: the config of orders declares no output JobUrl: its outputs are: JobsUrl"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("orders", ORDERS), ("billing", BILLING)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "serverless.yml").write_text(text)
    (tmp_path / "serverless-compose.yml").write_text(COMPOSE)
    return tmp_path


def command(project: Path, *arguments: str) -> Run:
    out, err = Stream(), Stream()
    environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(project), "TERM": "dumb"}
    host = ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
    code = main([*arguments, "-C", str(project), "--home", "local"], host)
    return Run(code, out.getvalue(), err.getvalue(), [], [])


@pytest.mark.parametrize("reader", [["status"], ["status", "--service", "billing"], ["diff"]])
def test_readers_name_service_output_file_and_line_and_exit_with_1(project: Path, reader: list[str]) -> None:
    run = command(project, *reader, "--offline")
    assert run.code == 1
    assert f"deploy creates it once this is known: {WHY}" in run.out
    assert "billing/Other" in run.out
    assert "SQS Queue  new in config: deploy creates it\n" in run.out


def test_what_the_config_declares_is_known_after_the_deploy_and_no_error(project: Path) -> None:
    (project / "serverless-compose.yml").write_text(COMPOSE.replace("JobUrl", "JobsUrl"))
    run = command(project, "status", "--offline")
    assert run.code == 0
    assert "once this is known" not in run.out


def test_a_config_that_cannot_be_compiled_blames_nobody_for_its_outputs(project: Path) -> None:
    (project / "orders" / "serverless.yml").write_text(ORDERS.replace("!Ref Jobs", "${nothing:x}"))
    run = command(project, "status", "--offline", "--service", "billing")
    assert "declares no output" not in run.out + run.err


def test_where_a_text_is_needed_it_is_an_error_with_a_suggestion_and_waits_for_nothing(project: Path) -> None:
    function = "functions: {hello: {handler: hello.main, events: [{sns: {arn: '${param:jobs}'}}]}}\n"
    head = "service: billing\nprovider: {name: aws, region: eu-west-1, runtime: python3.12}\n"
    (project / "billing" / "serverless.yml").write_text(head + function)
    (project / "billing" / "hello.py").write_text("def main(event, context): return 1\n")
    run = command(project, "status", "--offline")
    assert run.code == 1
    assert "billing needs JobUrl of orders, and orders has no such output" in run.err
    assert "did you mean JobsUrl?" in run.err


@pytest.mark.emulator
def test_a_deploy_says_so_before_and_after_and_makes_the_rest(
    moto: Emulator, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(name, value)
    emulated = ["--endpoint-url", moto.endpoint_url]
    preview = command(project, "deploy", "--dry-run", *emulated)
    assert preview.code == 1
    assert WHY in preview.out
    run = command(project, "deploy", "--yes", *emulated)
    assert run.code == 1
    assert "the config of orders declares no output JobUrl" in run.err
    assert "did you mean JobsUrl?" in run.err
    names = {url.rsplit("/", 1)[1] for url in moto.client("sqs").list_queues()["QueueUrls"]}
    assert names == {"jobs", "other"}
    alone = command(project, "status", *emulated)
    assert (alone.code, "the state of orders" in alone.out) == (1, False)


@pytest.mark.emulator
def test_an_output_that_is_declared_but_not_deployed_says_which_deploy_makes_it(moto: Emulator, project: Path) -> None:
    (project / "serverless-compose.yml").write_text(COMPOSE.replace("JobUrl", "JobsUrl"))
    run = command(project, "deploy", "--yes", "--service", "billing", "--endpoint-url", moto.endpoint_url)
    assert run.code == 1
    assert "orders is not deployed on dev: its output JobsUrl is needed here" in run.err
    assert "run: stateroom deploy --service orders --stage dev" in run.err
