"""--offline asks nothing of anybody: every reader, with whatever a config could ask for, and no socket to be had."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.support.emulators import Emulator

READERS = ["status", "diff", "versions", "outputs", "compile", "print", "graph", "state list", "state check"]
READERS += ["state export", "passphrase status", "bootstrap status", "status --json", "diff --all"]
# What a config may ask of AWS, and whether the rest of the config is read without it.
ASKS = {
    "cf": ("'${cf:other-dev.Url}'", ""),
    "cf with a region": ("'${cf(us-east-1):other-dev.Url}'", ""),
    "ssm": ("'${ssm:/path}'", ""),
    "ssm with a fallback": ("'${ssm:/path, \"here\"}'", ""),
    "s3": ("'${s3:bucket/key}'", ""),
    "in a text": ("'https://${ssm:/host}/x'", ""),
    "in an address": ("'${ssm:/path/${cf:other-dev.Name}}'", ""),
    "aws:accountId": ("'${aws:accountId}'", ""),
    "a resolver": ("'${mine:ssm:/x}'", "stages: {default: {resolvers: {mine: {type: aws}}}}"),
    "terraform over http": (
        "'${tf:outputs:url}'",
        "stages: {default: {resolvers: {tf: {type: terraform, backend: http, address: 'https://example.org/s'}}}}",
    ),
    "an import": ("{'Fn::ImportValue': of-another-stack}", ""),
    "zones": ("{'Fn::Select': [0, {'Fn::GetAZs': ''}]}", ""),
    "a stored parameter": ("{Ref: Stored}", ""),
    "a dynamic reference": ("'{{resolve:ssm:/path}}'", ""),
    "a secret": ("'{{resolve:secretsmanager:name:SecretString:key}}'", ""),
}
CONFIG = """\
service: shop
provider: {{name: aws, region: eu-west-1, runtime: python3.12, profile: nobody}}
functions: {{hello: {{handler: hello.handler, environment: {{FROM: {value}, TO: here}}}}}}
resources:
  Parameters: {{Stored: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}}}}
  Resources: {{Jobs: {{Type: AWS::SQS::Queue, Properties: {{QueueName: shop-jobs}}}}}}
{more}
"""
HOMES = ["local", "serverless", "sst", "cloudflare"]


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was connected to or looked up; every attempt fails."""
    found: list[str] = []

    def forbidden(name: str) -> Callable[..., Any]:
        def attempt(*arguments: object, **_: object) -> object:
            found.append(f"{name} {arguments[-1]!r}")
            raise OSError("no network")

        return attempt

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, forbidden(name))
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, forbidden(name))
    return found


def run(directory: Path, command: str, home: str = "local", *, offline: bool = True) -> Run:
    out, err = Stream(), Stream()
    environment = {"HOME": str(directory), "XDG_CACHE_HOME": str(directory / "cache"), "TERM": "dumb"}
    environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "STATEROOM_PASSPHRASE": "x"}
    environment |= {"CLOUDFLARE_API_TOKEN": "t", "CLOUDFLARE_DEFAULT_ACCOUNT_ID": "a"}
    host = ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
    environment |= {"AWS_ACCESS_KEY_ID": "test"}  # no profile of the file's counts
    given = [*command.split(), "--home", home, "-C", str(directory), *(["--offline"] if offline else [])]
    return Run(main(given, host), out.getvalue(), err.getvalue(), [], [])


def project(directory: Path, ask: str) -> Path:
    value, more = ASKS[ask]
    (directory / "serverless.yml").write_text(CONFIG.format(value=value, more=more))
    (directory / "hello.py").write_text("def handler(event, context):\n    return 1\n")
    return directory


@pytest.mark.parametrize("ask", ASKS)
def test_whatever_a_config_asks_for_is_not_asked(tmp_path: Path, ask: str, attempts: list[str]) -> None:
    """(case `offline-asks-cloudformation`)"""
    found = run(project(tmp_path, ask), "status")
    assert attempts == []
    assert found.code == 0, found.err
    assert "shop/HelloLambdaFunction" in found.out


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_asks_anybody(tmp_path: Path, reader: str, attempts: list[str]) -> None:
    found = run(project(tmp_path, "cf"), reader)
    assert attempts == []
    assert "bug" not in found.err


@pytest.mark.parametrize("home", HOMES)
def test_a_home_in_the_cloud_is_said_not_to_be_read(tmp_path: Path, home: str, attempts: list[str]) -> None:
    found = run(project(tmp_path, "cf") if home in ("local", "serverless") else tmp_path, "status", home)
    assert attempts == []
    if home == "local":
        assert found.code == 0
    else:
        assert found.code == 1
        assert "the state is not read: its home is in the cloud" in found.err
        assert "--offline asks nothing" in found.err


def test_what_was_not_asked_never_differs(tmp_path: Path, moto: Emulator) -> None:
    moto.client("ssm").put_parameter(Name="/path", Value="v", Type="String")
    project(tmp_path, "ssm")
    done = run(tmp_path, f"deploy --yes --endpoint-url {moto.endpoint_url}", offline=False)
    assert done.code == 0, done.err
    same = run(tmp_path, "status --exit-code")
    assert same.code == 0, same.out
    assert "${ssm:/path}: not asked: --offline" in same.out
    assert run(tmp_path, "status --json").document["different"] is False
    assert "(not asked)" in run(tmp_path, "diff").out
    file = tmp_path / "serverless.yml"
    file.write_text(file.read_text().replace("TO: here", "TO: there"))
    changed = run(tmp_path, "status --exit-code")
    assert changed.code == 2
    assert "~  shop/HelloLambdaFunction" in changed.out
    assert "there" in run(tmp_path, "diff").out


def row(found: Run, start: str) -> str:
    return next(line for line in found.out.splitlines() if start in line)


def test_a_new_resource_says_what_was_not_asked_and_what_a_deploy_tells(tmp_path: Path, attempts: list[str]) -> None:
    """(case `offline-asks-cloudformation`)"""
    file = project(tmp_path, "ssm") / "serverless.yml"
    file.write_text(file.read_text().replace("TO: here", "TO: here, JOBS: {Ref: Jobs}, TAGGED: '${ssm:/t}'"))
    status, diff = run(tmp_path, "status"), run(tmp_path, "diff")
    assert "deploy creates it; ${ssm:/path}, ${ssm:/t}: not" in row(status, "shop/HelloLambdaFunction")
    assert row(status, "shop/HelloLambdaFunction").endswith("not asked: --offline")
    assert row(status, "shop/Jobs").endswith("new in config: deploy creates it")
    asked = row(diff, "Environment.Variables.FROM")
    assert "▸(not asked)" in asked
    assert asked.rstrip().endswith("deploy asks for it")
    assert "(not asked)" in row(diff, "Environment.Variables.TAGGED")
    assert row(diff, "Environment.Variables.JOBS").rstrip().endswith("deploy → (known after deploy)")
    assert attempts == []


@pytest.mark.parametrize("operation", ["deploy", "refresh", "heal", "remove", "rollback 1"])
def test_operations_are_not_for_offline(tmp_path: Path, operation: str, attempts: list[str]) -> None:
    found = run(project(tmp_path, "cf"), f"{operation} --yes")
    assert (found.code, attempts) == (64, [])
    assert "asks the cloud" in found.err
