"""`stateroom demo` as a user meets it: the whole story in one go, and what it says when it cannot be told."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stateroom.demo.chapters import CHAPTERS
from stateroom.demo.command import main
from stateroom.errors import StateroomError
from tests.support.ratio import crowd


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and those that it starts put their temporary files."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    monkeypatch.setenv("TMPDIR", str(directory))
    return directory


@pytest.mark.emulator
@pytest.mark.timeout(300)
def test_check_tells_the_whole_story_in_under_a_minute(tmp_path: Path, scratch: Path) -> None:
    hostile = {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "STATEROOM_STAGE": "prod"}
    with crowd() as others:
        done = subprocess.run(
            [sys.executable, "-m", "stateroom", "demo", "--check"],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **hostile},
        )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"^✓ (.*?) {2,}", done.stdout, re.MULTILINE)
    assert told == [chapter.title for chapter in CHAPTERS]
    seconds = re.search(r"came out right in ([\d.]+) s", done.stdout)
    assert seconds
    assert float(seconds[1]) < 60 * others.factor
    assert not list(scratch.iterdir()), "scratch files stayed"


def test_without_a_terminal_it_points_to_the_story() -> None:
    out = io.StringIO()
    with pytest.raises(StateroomError) as caught:
        main([], screen=lambda _open: 0, out=out)
    assert "--check" in caught.value.todo
    assert not out.getvalue(), "nothing was started"


def test_a_taken_port_starts_nothing(scratch: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StateroomError, match="port"):
        main(["--check", "--port", str(taken.getsockname()[1])], out=io.StringIO())
    assert not list(scratch.iterdir())


@pytest.mark.emulator
def test_keep_of_a_full_directory_leaves_nothing(tmp_path: Path, scratch: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    with pytest.raises(StateroomError, match="not empty"):
        main(["--check", "--keep", str(full)], out=io.StringIO())
    assert not list(scratch.iterdir())
    assert (full / "mine").read_text() == "mine"
