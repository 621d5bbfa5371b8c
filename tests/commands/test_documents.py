"""compile, print and graph: a project's files as documents, without its state or its cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Stream

SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.12, stage: qa, environment: {TOKEN: t0p, NAME: "${self:service}"}}
custom: {stateroom: {secrets: [TOKEN]}}
functions: {pay: {handler: app.pay, environment: {QUEUE: !Ref Queue}}}
resources:
  Conditions: {Never: !Equals [a, b]}
  Resources:
    Queue: {Type: AWS::SQS::Queue}
    Gone: {Type: AWS::SQS::Queue, Condition: Never}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "serverless.yml").write_text(SERVICE)
    (tmp_path / "app.py").write_text("def pay(event, context): ...\n")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str, str]:
    out, err = Stream(), Stream()
    environment = {"XDG_CACHE_HOME": str(project / "cache")}
    code = main(
        [*arguments, "-C", str(project)], ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
    )
    return code, out.getvalue(), err.getvalue()


def test_compile_prints_a_template_that_cloudformation_could_deploy(project: Path) -> None:
    code, out, err = run(project, "compile", "--format", "json")
    assert (code, err) == (0, "")
    template = json.loads(out)
    assert template["Resources"]["Gone"] == {"Type": "AWS::SQS::Queue", "Condition": "Never"}
    assert template["Conditions"] == {"Never": {"Fn::Equals": ["a", "b"]}}
    function = template["Resources"]["PayLambdaFunction"]
    assert function["Properties"]["Code"]["S3Bucket"] == {"Ref": "ServerlessDeploymentBucket"}
    assert function["Properties"]["Environment"]["Variables"]["TOKEN"] == "***"
    assert function["DependsOn"] == ["PayLogGroup"]
    assert template["Parameters"]["ServerlessDeploymentBucket"]["Type"] == "String"
    assert template["Outputs"]["PayLambdaFunctionQualifiedArn"]["Export"] == {
        "Name": "sls-shop-qa-PayLambdaFunctionQualifiedArn"
    }
    assert yaml.safe_load(run(project, "compile")[1]) == template
    assert not (project / ".stateroom").exists()


def test_compile_warns_of_a_handler_that_is_not_built_yet(project: Path) -> None:
    (project / "app.py").unlink()
    code, out, err = run(project, "compile")
    assert code == 0
    assert "PayLambdaFunction" in out
    assert "app.py does not exist" in err


def test_print_shows_the_resolved_file_and_no_secret(project: Path) -> None:
    code, out, _ = run(project, "print")
    assert code == 0
    shown = yaml.safe_load(out)
    assert shown["provider"]["environment"] == {"TOKEN": "***", "NAME": "shop"}
    assert shown["functions"]["pay"]["environment"] == {"QUEUE": {"Ref": "Queue"}}
    assert run(project, "print", "--path", "provider.stage", "--json")[1] == '"qa"\n'
    code, _, err = run(project, "print", "--path", "provider.nope")
    assert code == 64
    assert "there is no provider.nope" in err


def test_graph_says_what_needs_what(project: Path) -> None:
    code, out, _ = run(project, "graph")
    assert code == 0
    assert "  PayLambdaFunction  Lambda Function  → IamRoleLambdaExecution, PayLogGroup, Queue" in out.splitlines()
    dot = run(project, "graph", "--format", "dot")[1]
    assert '  "shop/PayLambdaFunction" -> "shop/Queue";' in dot.splitlines()
    assert dot.startswith("digraph")
    assert "shop__PayLambdaFunction --> shop__Queue" in run(project, "graph", "--format", "mermaid")[1]
    (service,) = json.loads(run(project, "graph", "--json")[1])["services"]
    assert {"id": "Queue", "type": "AWS::SQS::Queue", "needs": [], "outputs": []} in service["resources"]


def test_several_services_are_a_stream_of_documents(project: Path) -> None:
    for name in ("a", "b"):
        (project / name).mkdir()
        (project / name / "serverless.yml").write_text(f"service: {name}\nprovider: {{name: aws}}\n")
    (project / "serverless-compose.yml").write_text("services: {a: {path: a}, b: {path: b, params: {x: '${a.out}'}}}\n")
    documents = list(yaml.safe_load_all(run(project, "print")[1]))
    assert [document["service"] for document in documents] == ["a", "b"]
    assert set(json.loads(run(project, "compile", "--json")[1])) == {"a", "b"}
    assert json.loads(run(project, "print", "--service", "b", "--json")[1])["service"] == "b"
    code, _, err = run(project, "print", "--service", "c")
    assert code == 64
    assert "there is no service 'c'" in err


@pytest.mark.parametrize("command", ["compile", "print", "graph"])
def test_a_broken_service_silences_none_of_the_others(project: Path, command: str) -> None:
    """The good service's document, the bad one's error, exit code 1 (case `broken-service-compile`)."""
    good, bad = project / "good", project / "bad"
    for directory in (good, bad):
        directory.mkdir()
    (good / "serverless.yml").write_text("service: good\nprovider: {name: aws, stage: here}\n")
    (bad / "serverless.yml").write_text("service: bad\nprovider: {name: aws, stage: '${self:custom.lost}'}\n")
    (project / "serverless-compose.yml").write_text("services: {good: {path: good}, bad: {path: bad}}\n")

    code, out, err = run(project, command)

    assert code == 1
    assert "good" in out
    assert "bad: " in err
    assert "serverless.yml" in err

    code, out, err = run(project, command, *(["--format", "json"] if command != "graph" else ["--json"]))
    assert code == 1
    assert command == "graph" or set(json.loads(out)) == {"good", "bad"}
    assert command == "graph" or json.loads(out)["bad"]["error"]["where"]
