"""While pip works: it is announced, can be stopped with all it started, has a limit, leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.config.compile_options import CompileOptions, Watch
from stateroom.config.compiler import compile_service
from stateroom.config.packaging.atomic_dir import make_once
from stateroom.errors import ConfigError
from stateroom.model.resource import Template
from stateroom.programs.process import run
from tests.config.bench import FUNCTION, Bench
from tests.config.test_python_requirements import HEAD, shop  # noqa: F401 - a fixture


@pytest.fixture
def silence() -> Iterator[str]:
    """The address of an index that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


@pytest.fixture
def slow(bench: Bench, silence: str) -> Bench:
    bench.environment |= {"PIP_INDEX_URL": silence, "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
    bench.write("requirements.txt", "soap==1.0\n")
    return bench


def compiled(bench: Bench, watch: Watch, main: str = HEAD + FUNCTION, *, install: bool = True) -> Template:
    bench.write("serverless.yml", main)
    bench.write("app.py", "def create(event, context): ...\n")
    settings: CompileOptions = replace(bench.settings(), watch=watch, install=install)
    return compile_service(bench.open(), "shop", settings)


def installs(bench: Bench) -> list[Path]:
    return list((bench.root / ".stateroom" / "build" / "python").glob("*"))


def test_it_says_what_it_waits_for_and_stops_when_nobody_waits_any_more(slow: Bench) -> None:
    told: list[str] = []
    with pytest.raises(ConfigError, match="was stopped"):
        compiled(slow, Watch(told.append, lambda: bool(told)))
    assert told == ["installing requirements.txt"]
    assert installs(slow) == []


@pytest.mark.emulator
def test_after_its_time_it_ends_with_the_file_and_what_pip_said_last(
    slow: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\necho Looking in indexes: http://ana:hunter2@host\necho Collecting soap >&2\nsleep 600\n"
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    error = slow.refused(f"{HEAD}custom: {{stateroom: {{installTimeout: 3}}}}\n{FUNCTION}")
    assert error.what == "Python requirements are not installed after 3 seconds"
    assert error.why == "pip said last: Looking in indexes: http://***@host / Collecting soap"
    assert "installTimeout" in error.todo
    assert error.where is not None
    assert error.where.file.name == "requirements.txt"
    assert installs(slow) == []


@pytest.mark.parametrize("given", ["0", "-1", "soon", ".inf", "true", "[1]"])
def test_a_limit_is_a_number_of_seconds(slow: Bench, given: str) -> None:
    error = slow.refused(f"{HEAD}custom: {{stateroom: {{installTimeout: {given}}}}}\n{FUNCTION}")
    assert "custom.stateroom.installTimeout" in error.what


@pytest.mark.emulator
def test_what_is_there_already_is_told_to_nobody(shop: Bench) -> None:  # noqa: F811
    told: list[str] = []
    first = compiled(shop, Watch(told.append))
    second = compiled(shop, Watch(told.append))
    assert told == ["installing requirements.txt"]
    assert first.artifacts.keys() == second.artifacts.keys()


@pytest.mark.emulator
def test_without_installing_packages_have_no_hash_and_that_is_said_until_they_are_installed(
    shop: Bench,  # noqa: F811
) -> None:
    looked = compiled(shop, Watch(), install=False)
    assert looked.resources["CreateLambdaFunction"].properties["Code"] == {"ArtifactSha256": "not-built"}
    assert "requirements.txt is not installed yet" in looked.warnings[0]
    assert installs(shop) == []
    whole = compiled(shop, Watch())
    looked = compiled(shop, Watch(), install=False)
    assert looked.resources["CreateLambdaFunction"] == whole.resources["CreateLambdaFunction"]
    assert looked.warnings == ()


def alive(number: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    status = Path(f"/proc/{number}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        threading.Event().wait(0.02)
    return holds()


@pytest.mark.emulator
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_program_that_is_stopped_takes_its_children_with_it(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"sleep 600 & echo $! > {child}.new; mv {child}.new {child}; wait"
    finished = run(
        [str(shutil.which("sh")), "-c", script],
        environment=dict(os.environ),
        outside=tmp_path,
        seconds=60,
        cancelled=child.exists,
    )
    assert (finished.code, finished.cancelled) == (None, True)
    assert until(lambda: not alive(int(child.read_text())))


def test_what_was_left_half_done_by_a_killed_process_is_never_taken_for_whole(tmp_path: Path) -> None:
    kept = tmp_path / "python" / "digest"
    half = tmp_path / "python" / ".partial-x" / "whole"
    whole = tmp_path / "source"
    for directory in (half, whole):
        directory.mkdir(parents=True)
    (whole / "all").touch()
    os.utime(half.parent, (0, 0))
    make_once(kept, lambda target: shutil.copytree(whole, target), lambda: False)
    assert [path.name for path in kept.iterdir()] == ["all"]
    assert not half.parent.exists(), "and it is cleared away"


def test_a_making_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(target: Path) -> None:
        (target / "deep").mkdir(parents=True)
        raise ConfigError("no")

    with pytest.raises(ConfigError):
        make_once(tmp_path / "kept", fail, lambda: False)
    assert list(tmp_path.iterdir()) == []


def test_of_two_processes_that_make_the_same_the_first_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    def overtaken(target: Path) -> None:
        target.mkdir()
        (target / "second").touch()
        kept.mkdir()
        (kept / "first").touch()

    make_once(kept, overtaken, lambda: False)
    assert [path.name for path in kept.iterdir()] == ["first"]


def test_two_threads_that_want_the_same_make_it_once(tmp_path: Path) -> None:
    made: list[Path] = []
    together = threading.Barrier(2)

    def make(target: Path) -> None:
        made.append(target)
        target.mkdir()

    def want() -> None:
        together.wait(10)
        make_once(tmp_path / "kept", make, lambda: False)

    threads = [threading.Thread(target=want) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
