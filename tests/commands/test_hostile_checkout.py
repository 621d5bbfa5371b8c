"""Every reader in a stranger's checkout: no program is started, none of its code runs, nothing is written to it.

An audit hook watches (cases `status-runs-pip-py` and `status-runs-gpg-program`).
"""

from __future__ import annotations

import contextlib
import os
import runpy
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands import COMMANDS
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.commands.hostile import SERVICES, digest_of, hostile_checkout, watching
from tests.support.emulators import Emulator

# What reads only, by command. Those of the second kind ask the cloud, so that an emulator has to answer.
OFFLINE: dict[str, tuple[str, ...]] = {
    "status": ("--offline", "--read-only"),
    "compile": (),
    "print": (),
    "graph": (),
    "trust": (),
}
ASKING: dict[str, tuple[str, ...]] = {
    "status": ("--read-only",),
    "diff": (),
    "plan": (),
    "deploy": ("--dry-run",),
    "refresh": ("--dry-run",),
    "heal": ("--dry-run",),
    "accept": ("--dry-run",),
    "import": ("AWS::SQS::Queue", "queue", "--dry-run"),
    "orphans": (),
    "remove": ("--dry-run",),
    "versions": (),
    "outputs": (),
    "show": ("1",),
    "compare": ("1",),
    "rollback": ("1", "--dry-run"),
    "state": ("list",),
    "secret": ("list",),
    "passphrase": ("status",),
    "bootstrap": (),
    "unlock": (),
    "reset": ("--dry-run",),
}
OTHERWISE = {"demo"}  # has a project of its own


@dataclass(frozen=True)
class Stranger:
    """A stranger's checkout, and the file that its code writes when it runs."""

    root: Path
    ran: Path
    digest: str

    def __call__(self, *arguments: str, offline: bool = True, endpoint: str = "") -> Run:
        out, err = Stream(), Stream()
        environment = {
            "PATH": f"{self.root}:.:{os.environ['PATH']}",
            "HOME": str(self.root.parent),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "STATEROOM_HOME": str(self.root.parent / "states"),
            "STATEROOM_PASSPHRASE": "hush",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "TERM": "dumb",
        }
        host = ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment)
        line = [*arguments, *(["--endpoint-url", endpoint] if endpoint else [])]
        with watching(self.root, offline=offline) as seen:
            code = main(line, host)
        assert seen == []
        assert not self.ran.exists(), self.ran.read_text()
        assert digest_of(self.root) == self.digest, "readers write nothing to a project"
        return Run(code, out.getvalue(), err.getvalue(), [], [])


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    root = tmp_path_factory.mktemp("stranger") / "checkout"
    ran = hostile_checkout(root)
    return Stranger(root, ran, digest_of(root))


@pytest.mark.emulator
def test_the_watch_sees_programs_code_and_writing(stranger: Stranger, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("x = 1\n")
    with watching(tmp_path, offline=True) as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
        runpy.run_path(str(tmp_path / "code.py"))
        (tmp_path / "code.py").write_text("x = 2\n")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", 1), 1)
    assert {text.partition(":")[0] for text in seen} >= {"subprocess.Popen", "exec", "open", "socket.connect"}


@pytest.mark.emulator
def test_a_process_of_its_own_takes_no_module_of_the_project(stranger: Stranger) -> None:
    """Nor does it stumble over an honest project's types.py and random.py (case `status-runs-pip-py`)."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "stateroom", "status", "--offline", "--read-only"],
        cwd=stranger.root / "requirements",
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(stranger.root.parent),
            "STATEROOM_HOME": str(stranger.root.parent / "states"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not built" in done.stdout
    assert not stranger.ran.exists()


def test_every_command_is_tried() -> None:
    assert {*OFFLINE, *ASKING, *OTHERWISE} == set(COMMANDS)


@pytest.mark.emulator
@pytest.mark.parametrize("command", OFFLINE)
@pytest.mark.parametrize("service", ["", *SERVICES, "trap"])
def test_without_the_cloud_no_call_is_made_either(stranger: Stranger, command: str, service: str) -> None:
    run = stranger(command, *OFFLINE[command], "-C", str(stranger.root / service))
    assert "a bug in stateroom" not in run.err


@pytest.mark.emulator
@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("service", ["", "requirements", "bundled", "message", "dirty"])
def test_a_reader_starts_nothing(stranger: Stranger, command: str, service: str, moto: Emulator) -> None:
    where = ("-C", str(stranger.root / service), "--home", str(stranger.root.parent / "states"))
    run = stranger(command, *ASKING[command], *where, offline=False, endpoint=moto.endpoint_url)
    assert "a bug in stateroom" not in run.err


@pytest.mark.emulator
def test_what_is_not_built_is_said_and_all_else_is_compared(stranger: Stranger) -> None:
    """A file pip.py of the project is not taken for pip (case `status-runs-pip-py`)."""
    run = stranger("status", "--offline", "-C", str(stranger.root / "requirements"))
    assert run.code == 0, run.err
    assert "not built: `stateroom trust` allows pip to run for" in run.out
    assert "IamRoleLambdaExecution" in run.out


@pytest.mark.emulator
def test_handlers_that_are_not_built_are_said_and_what_would_run_is_shown(stranger: Stranger, moto: Emulator) -> None:
    where = ("-C", str(stranger.root / "bundled"))
    run = stranger("status", "--offline", *where)
    assert run.code == 0, run.err
    assert "not built: `stateroom trust` allows esbuild to run for" in run.out
    run = stranger("trust", *where)
    assert run.code == 1, "nobody can be asked"
    assert "esbuild would build typed.ts of bundled" in run.out
    assert "node_modules/esbuild/bin/esbuild" in run.out
    run = stranger("deploy", "--yes", *where, offline=False, endpoint=moto.endpoint_url)
    assert run.code == 1
    assert "`stateroom trust` allows esbuild to run for" in run.err


@pytest.mark.emulator
def test_a_repository_inside_of_the_repository_is_none(stranger: Stranger) -> None:
    """Its gpg.program would run (case `status-runs-gpg-program`): the checkout around it is what is read."""
    assert "it: 'signed" in stranger("print", "-C", str(stranger.root / "trap")).out
    assert "it: 'signed" in stranger("print", "-C", str(stranger.root / "message")).out


@pytest.mark.emulator
def test_what_only_git_can_tell_needs_trust(stranger: Stranger) -> None:
    run = stranger("status", "--offline", "-C", str(stranger.root / "dirty"))
    assert run.code == 1
    assert "${git:isDirty} is not known" in run.err
    assert "`stateroom trust` allows git to run for" in run.err


@pytest.mark.emulator
def test_no_variable_carries_keys_and_passphrases_away(stranger: Stranger) -> None:
    run = stranger("print", "-C", str(stranger.root / "secrets"))
    assert run.code == 1
    assert "${env:STATEROOM_PASSPHRASE} is not read" in run.err
    assert "hush" not in run.out + run.err
    run = stranger("print", "-C", str(stranger.root / "web"))
    assert run.code == 1
    assert "web is not read: its state is at 127.0.0.1" in run.err
    assert "`stateroom trust` allows http to run for" in run.err


@pytest.mark.emulator
def test_trust_shows_what_would_run_and_from_which_files(stranger: Stranger) -> None:
    run = stranger("trust", "-C", str(stranger.root / "index"))
    assert run.code == 1, "nobody can be asked"
    assert "pip would install requirements.txt of index" in run.out
    files = "index/requirements.txt, index/more.txt, index/evil/backend.py"
    assert f"index/serverless.yml, serverless-compose.yml, {files}" in run.out


@pytest.mark.emulator
def test_a_deploy_refuses_with_yes_too(stranger: Stranger, moto: Emulator) -> None:
    where = ("-C", str(stranger.root / "requirements"))
    run = stranger("deploy", "--yes", *where, offline=False, endpoint=moto.endpoint_url)
    assert run.code == 1
    assert "`stateroom trust` allows pip to run for" in run.err
