"""What a config's plugins and keys come to is said by every command that compares or plans, each once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.support.emulators import Emulator

HEAD = "provider: {name: aws, runtime: python3.12, region: eu-west-1}\nplugins: [serverless-s3-sync]\n"
SAID = "the plugin serverless-s3-sync is ignored: no files are copied to buckets"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "serverless-compose.yml").write_text("services:\n  a: {path: a}\n  b: {path: b}\n")
    for name in ("a", "b"):
        (root / name).mkdir()
        (root / name / "serverless.yml").write_text(f"service: {name}\n{HEAD}functions: {{f: {{handler: app.f}}}}\n")
        (root / name / "app.py").write_text("def f(event, context): ...\n")
    return root


def run(project: Path, *words: str) -> Run:
    out, err = Stream(), Stream()
    environment = {
        "HOME": str(project.parent),
        "STATEROOM_HOME": str(project.parent / "states"),
        "STATEROOM_PASSPHRASE": "example",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    host = ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
    return Run(main([*words, "-C", str(project)], host), out.getvalue(), err.getvalue(), [], [])


@pytest.mark.emulator
@pytest.mark.parametrize("command", ["status", "diff"])
def test_a_comparison_says_once_what_is_missed_and_in_which_services(command: str, project: Path) -> None:
    told = run(project, command, "--offline")
    assert told.err.count(SAID) == 1
    assert f"warning: a, b: {SAID}" in told.err
    document = json.loads(run(project, command, "--offline", "--json").out)
    assert [line.partition(" is ignored")[0] for line in document["warnings"]] == [
        "a, b: the plugin serverless-s3-sync"
    ]


@pytest.mark.emulator
def test_a_plan_and_a_template_say_it_too(project: Path, moto: Emulator) -> None:
    told = run(project, "plan", "--json", "--endpoint-url", moto.endpoint_url)
    assert told.err.count(SAID) == 2, "once for each service"
    assert SAID in run(project, "compile").err
