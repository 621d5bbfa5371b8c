"""Programs run elsewhere, for a time, with a limit on what they say, and see no secret."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from stateroom.errors import StateroomError, UsageError
from stateroom.programs import process
from stateroom.programs.editor import edit
from stateroom.programs.environment import child_environment
from stateroom.programs.isolated import Site, run_git, run_pip, run_strip
from stateroom.programs.known import GIT, PIP, STRIP, find_program
from stateroom.programs.process import Finished, run
from tests.commands.hostile import git, hostile_checkout

SECRETS = {
    "AWS_ACCESS_KEY_ID": "hunter2",
    "AWS_SECRET_ACCESS_KEY": "hunter2",
    "AWS_SESSION_TOKEN": "hunter2",
    "AWS_PROFILE": "hunter2",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "hunter2",
    "STATEROOM_PASSPHRASE": "hunter2",
    "PULUMI_CONFIG_PASSPHRASE": "hunter2",
    "SST_SECRET_TOKEN": "hunter2",
    "CLOUDFLARE_API_TOKEN": "hunter2",
    "GITHUB_TOKEN": "hunter2",
    "DATABASE_URL": "postgres://ana:hunter2@db/shop",
    "PYTHONPATH": "hunter2",
    "PYTHONSTARTUP": "hunter2",
    "PIP_TARGET": "hunter2",
    "PIP_NO_BINARY": "hunter2",
    "PIP_REQUIREMENT": "hunter2",
    "LD_PRELOAD": "hunter2",
    "GIT_SSH_COMMAND": "hunter2",
    "GIT_DIR": "hunter2",
    "NODE_OPTIONS": "hunter2",
    "BASH_ENV": "hunter2",
}
HONEST = {
    "HOME": "/home/ana",
    "LANG": "en_GB.UTF-8",
    "LC_TIME": "C",
    "HTTPS_PROXY": "http://proxy:3128",
    "SSL_CERT_FILE": "/etc/corporate.pem",
}


def script(path: Path, text: str) -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("program", [PIP, GIT, STRIP], ids=lambda program: program.name)
def test_a_program_sees_what_it_needs_and_no_secret(tmp_path: Path, program: object) -> None:
    given = {**SECRETS, **HONEST, "PATH": "/usr/bin", "PIP_INDEX_URL": "https://ana:hunter2@index/simple"}
    seen = child_environment(given, program, tmp_path)  # type: ignore[arg-type]
    own = {"PIP_INDEX_URL"} if program is PIP else set()
    assert seen.keys() == {*HONEST, "PATH", *own}


def test_paths_lead_neither_into_the_project_nor_anywhere_by_the_way(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "bin").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project / "bin")
    given = f".::bin:{project}/bin:{tmp_path}/link:/usr/bin"
    seen = child_environment({"PATH": given, "LD_LIBRARY_PATH": f"{project}:lib"}, GIT, project)
    assert seen == {"PATH": "/usr/bin"}
    assert child_environment({"PATH": "bin"}, GIT, project)["PATH"], "a child finds the system's programs at least"


def test_a_program_of_the_project_is_not_found(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    evil = script(project / "git", "")
    elsewhere.mkdir()
    (elsewhere / "git").symlink_to(evil)
    path = f"{project}:{elsewhere}"
    with pytest.raises(StateroomError, match="git is not there"):
        find_program("git", {"PATH": path}, project)
    good = script(tmp_path / "good" / "git", "")
    assert find_program("git", {"PATH": f"{path}:{good.parent}"}, project) == good


@pytest.mark.emulator
def test_what_runs_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "executable", str(script(tmp_path / "python", "env; pwd; echo $0 $*")))
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    site = Site(project, os.environ)
    said = run_pip(["install"], site, temporary=tmp_path, seconds=30).said
    assert "hunter2" not in said
    assert "-I -X utf8 -m pip install" in said
    place = next(line for line in said.splitlines() if line.startswith("PWD="))
    assert not Path(place.removeprefix("PWD=")).is_relative_to(project)
    script(tmp_path / "bin" / "git", "env")
    script(tmp_path / "bin" / "strip", f"env > {tmp_path}/strip.txt")
    there = Site(project, {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})
    assert "hunter2" not in run_git(project / ".git", project, ["status"], there).said
    run_strip(project / "x.so", there)
    assert "hunter2" not in (tmp_path / "strip.txt").read_text()


@pytest.mark.emulator
def test_an_editor_sees_the_terminal_and_no_secret(tmp_path: Path) -> None:
    program = script(tmp_path / "ed", f"env > {tmp_path}/seen; echo changed > $1")
    file = tmp_path / "file"
    aws = {
        name: value
        for name, value in SECRETS.items()
        if name.startswith(("AWS", "STATEROOM", "PULUMI", "SST", "CLOUD"))
    }
    edit(file, {**aws, "EDITOR": str(program), "TERM": "xterm", "PATH": os.environ["PATH"]})
    assert file.read_text() == "changed\n"
    seen = (tmp_path / "seen").read_text()
    assert "TERM=xterm" in seen
    assert "hunter2" not in seen
    with pytest.raises(UsageError, match="cannot run the editor"):
        edit(file, {"EDITOR": "there-is-none", "PATH": os.environ["PATH"]})


@pytest.mark.emulator
def test_output_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_MOST_OUTPUT", 100_000)
    endless = script(
        tmp_path / "endless", "while true; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"
    )
    done = run([str(endless)], environment={}, outside=tmp_path / "x", seconds=60, cancelled=lambda: False)
    assert (done.code, done.flooded, done.cancelled) == (None, True, False)
    assert len(done.said) <= 100_000


@pytest.mark.emulator
def test_the_working_directory_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    where = script(tmp_path / "where", "pwd; echo $TMPDIR; ls -ld .; echo no >&2")
    done = run(
        [str(where)], environment={"PATH": os.environ["PATH"]}, outside=tmp_path / "project", seconds=60,
        cancelled=lambda: False, apart=True,
    )  # fmt: skip
    place, temporary, mode = done.said.splitlines()
    assert place == temporary
    assert mode.startswith("drwx------")
    assert not Path(place).exists()
    assert done == Finished(0, done.said, errors="no\n")


def test_temporary_files_are_never_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "project"))
    found = process._directory_outside(tmp_path / "project")
    assert found is not None
    assert not Path(found).is_relative_to(tmp_path)
    assert process._directory_outside(tmp_path / "other") is None


@pytest.mark.emulator
def test_a_repository_starts_nothing_through_git(tmp_path: Path) -> None:
    """What its settings name (case `status-runs-gpg-program`), where the directory is trusted, too."""
    root = tmp_path / "checkout"
    ran = hostile_checkout(root)
    (root / "message" / "app.py").write_text("changed\n")
    git(root, "-c", "core.fsmonitor=false", "-c", "filter.evil.clean=", "-c", "filter.evil.process=",
        "-c", "filter.evil.required=false", "-c", "core.hooksPath=/dev/null", "add", "message/app.py")  # fmt: skip
    (root / "message" / "app.py").write_text("changed again\n")
    site = Site(root, {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    off = [part for key in ("clean=", "process=", "required=false") for part in ("-c", f"filter.evil.{key}")]
    done = run_git(root / ".git", root, [*off, "status", "--porcelain", "--ignore-submodules=dirty"], site)
    assert done.code == 0, done.errors
    assert "AM message/app.py" in done.said
    done = run_git(root / ".git", root, ["log", "-1", "--format=%s"], site)
    assert (done.said, done.code) == ("signed\n", 0)
    assert not ran.exists()
