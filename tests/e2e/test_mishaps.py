"""What goes wrong in practice: each a clear error that says what to do, and nothing is lost."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from stateroom.cli import main
from tests.e2e.conftest import Shell
from tests.e2e.test_killed import names
from tests.support.victims import ROOT

SECRET_CUSTOM = "custom:\n  stateroom:\n    secrets: [API_KEY]\n"
SECRET_VARIABLE = "    environment:\n      API_KEY: a-very-secret-value\n"


def files(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_wrong_passphrase_says_which_source_gave_it_and_loses_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.config.write_text(
        shell.config.read_text()
        .replace("functions:", SECRET_CUSTOM + "functions:")
        .replace("    environment:\n", SECRET_VARIABLE)
    )
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "right")
    assert shell.run("deploy", "--yes")[0] == 0
    before = files(shell.directory)
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "wrong")
    shell.edit("timeout: 10", "timeout: 11")
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "passphrase" in err
    assert "STATEROOM_PASSPHRASE" in err
    shell.edit("timeout: 11", "timeout: 10")
    assert files(shell.directory / ".stateroom") == {
        path: data for path, data in before.items() if ".stateroom" in path.parts
    }
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "right")
    assert shell.run("diff")[0] == 0


def test_a_secret_without_any_passphrase_is_refused_before_anything_is_made(shell: Shell) -> None:
    shell.config.write_text(
        shell.config.read_text()
        .replace("functions:", SECRET_CUSTOM + "functions:")
        .replace("    environment:\n", SECRET_VARIABLE)
    )
    empty = names(shell)
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "STATEROOM_PASSPHRASE" in err
    assert names(shell) == empty


def test_a_truncated_state_is_not_overwritten_and_an_older_version_brings_it_back(shell: Shell) -> None:
    shell.run("deploy", "--yes")
    (state,) = shell.directory.glob(".stateroom/app/*/*.json")
    state.write_bytes(state.read_bytes()[:200])
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "rollback" in err
    assert len(state.read_bytes()) == 200
    code, _, err = shell.run("rollback", "1", "--state-only", "--yes")
    assert code == 0, err
    assert shell.run("diff")[0] == 0


def test_an_unknown_key_is_named_with_its_line_and_a_suggestion(shell: Shell) -> None:
    shell.edit("    timeout: 10", "    timeuot: 10")
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "serverless.yml:9" in err or "serverless.yml:10" in err
    assert "timeuot" in err
    assert "timeout" in err


def test_a_missing_handler_file_is_named(shell: Shell) -> None:
    (shell.directory / "app.py").rename(shell.directory / "apps.py")
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "app.py" in err
    assert "apps.py" in err


def test_services_in_a_circle_are_named(shell: Shell) -> None:
    (shell.directory / "serverless-compose.yml").write_text(
        "services:\n  a: {path: a, dependsOn: b}\n  b: {path: b, dependsOn: a}\n"
    )
    code, _, err = shell.run("status")
    assert code == 1
    assert "a → b → a" in err or "b → a → b" in err


def test_no_credentials_say_how_to_get_some(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "credentials" in err


def test_an_endpoint_that_nobody_answers_at_is_named_soon(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = time.sleep

    def counted(seconds: float) -> None:
        pauses.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", counted)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        code = main(["deploy", "--yes", "-C", str(shell.directory), "--endpoint-url", url])
        assert code == 1
        assert sum(pauses) < 20, "a connection is refused at once, so pauses are all that it takes"
    _, err = shell.capsys.readouterr()
    assert url in err


def test_without_a_cloud_the_state_and_the_config_still_show(shell: Shell) -> None:
    shell.run("deploy", "--yes")
    shell.edit("timeout: 10", "timeout: 30")
    code = main(["status", "-C", str(shell.directory), "--endpoint-url", "http://127.0.0.1:9"])
    out, err = shell.capsys.readouterr()
    assert code in (0, 1)
    assert "~?" in out + err


def test_looking_at_a_project_leaves_no_trace_in_it(shell: Shell) -> None:
    before = files(shell.directory)
    for words in (("status",), ("diff",), ("versions",), ("deploy", "--dry-run")):
        shell.run(*words)
    assert files(shell.directory) == before


def test_two_deploys_at_once_end_with_one_of_everything(shell: Shell) -> None:
    """One of them waits for the other or is refused with its name; none corrupts anything."""
    command = [sys.executable, "-m", "stateroom", *shell.arguments("deploy", "--yes", "--wait-for-lock", "20")]
    results: list[subprocess.CompletedProcess[str]] = []

    def deploy() -> None:
        results.append(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False))

    threads = [threading.Thread(target=deploy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(done.returncode == 0 for done in results), [done.stderr for done in results]
    for done in results:
        if done.returncode:
            assert "changed since the plan was made" in done.stderr or "locked" in done.stderr.lower(), done.stderr
    assert shell.run("diff")[0] == 0
    assert shell.run("deploy", "--yes")[0] == 0
    assert len([name for name in names(shell) if name.startswith("lambda:function/")]) == 1
