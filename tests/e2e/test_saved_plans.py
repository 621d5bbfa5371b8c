"""Saved plans on an emulator: run while nothing moves, refused when a person, a deploy or an edit came between."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell


@pytest.fixture(autouse=True)
def local_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATEROOM_HOME", "local")
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "correct horse")


def set_timeout(shell: Shell, seconds: int) -> None:
    """Change the queue by hand."""
    sqs = shell.emulator.client("sqs")
    url = sqs.list_queues(QueueNamePrefix="corner-dev-Inbox")["QueueUrls"][0]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})


def test_a_saved_plan_runs_exactly_once_and_only_on_the_world_that_it_was_made_for(
    shell: Shell, tmp_path: Path
) -> None:
    """Cases plan-hides-cloud-value and create-without-properties, on an emulator."""
    file = str(tmp_path / "dev.plan")
    code, out, _ = shell.run("plan", "--out", file)
    assert code == 2
    assert "AssumeRolePolicyDocument: Allow sts:AssumeRole for Service lambda.amazonaws.com" in out
    assert "on ${Inbox.Arn}" in out
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    code, _, err = shell.run("deploy", file, "--yes")
    assert code == 0, err
    assert shell.function()["Timeout"] == 10
    code, _, err = shell.run("deploy", file, "--yes")
    assert (code, "has been executed already" in err) == (1, True)

    # By hand, before and after the plan.
    shell.edit("VisibilityTimeout: 60", "VisibilityTimeout: 90")
    set_timeout(shell, 33)
    code, out, _ = shell.run("plan", "--out", file)
    assert code == 2
    assert "VisibilityTimeout: 60 → 90, the cloud has 33" in out
    set_timeout(shell, 34)
    code, _, err = shell.run("deploy", file, "--yes")
    assert code == 1
    assert "the cloud: corner/Inbox VisibilityTimeout was 33, and is 34" in err

    # Another deploy, and another edit.
    shell.run("plan", "--out", file)
    assert shell.run("deploy", "--yes")[0] == 0
    code, _, err = shell.run("deploy", file, "--yes")
    assert (code, "the state of corner: an operation wrote it since" in err) == (1, True)
    shell.edit("timeout: 10", "timeout: 20")
    shell.run("plan", "--out", file)
    (shell.directory / "app.py").write_text("def handler(event, context):\n    return 1\n")
    code, _, err = shell.run("deploy", file, "--yes")
    assert (code, "the packages of corner" in err) == (1, True)
    code, _, err = shell.run("deploy", file, "--yes", "--stage", "prod")
    assert (code, "the stage of corner: it was dev, and is prod" in err) == (1, True)

    # A removal is a plan, too.
    shell.run("plan", "remove", "--out", file)
    assert shell.run("deploy", file)[0] == 1  # nobody can be asked
    assert shell.run("deploy", file, "--yes")[0] == 0
    assert shell.run("plan", "remove")[0] == 0
