"""The demo's cloud comes up alone, listens to nobody else, and goes when its owner goes, in whatever way."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stateroom.demo import emulator as emulator_module
from stateroom.demo.emulator import Emulator, emulator, environment
from stateroom.demo.sandbox import sandbox
from stateroom.demo.shop import until
from stateroom.errors import StateroomError
from tests.demo.processes import listening, members

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

OWNER = """
import signal, sys, time
from stateroom.demo.emulator import emulator
signal.signal(signal.SIGINT, signal.default_int_handler)  # what is started in the background ignores it
with emulator() as cloud:
    print(cloud.pid, cloud.port, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def owner() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs an emulator, and the emulator's process group."""
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    group = int(process.stdout.readline().split()[0])
    yield process, group
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_answers_and_listens_on_one_loopback_port_only() -> None:
    with emulator() as cloud:
        assert listening(cloud.pid) == {f"0100007F:{cloud.port:04X}"}


def test_leaving_stops_everything_and_removes_its_scratch_files() -> None:
    with emulator() as cloud:
        assert members(cloud.pid)
    assert not members(cloud.pid)
    assert not cloud.log.parent.exists()


def test_an_error_inside_stops_it_as_well() -> None:
    groups = []

    def crash() -> None:
        with emulator() as cloud:
            groups.append(cloud.pid)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert not members(groups[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_does_not_outlive_its_owner(owner: tuple[subprocess.Popen[str], int], how: signal.Signals) -> None:
    process, group = owner
    assert members(group)
    process.send_signal(how)
    process.wait()
    assert until(lambda: not members(group))


def test_functions_that_it_runs_go_with_it() -> None:
    with emulator() as cloud:
        before = members(cloud.pid)
        _invoke(cloud)
        assert members(cloud.pid) - before, "the function runs in no process of the group"
    assert not members(cloud.pid)


def test_functions_know_nothing_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_SQS", "AWS_ROLE_ARN", "HTTPS_PROXY", "DATABASE_PASSWORD"):
        monkeypatch.setenv(name, "hostile")
    with emulator() as cloud:
        seen = _invoke(cloud)
        assert "hostile" not in seen.values()
        assert seen["AWS_ENDPOINT_URL"] == cloud.endpoint_url
        assert seen["AWS_CONFIG_FILE"] == os.devnull


def test_two_at_once_do_not_meet() -> None:
    with emulator() as one, emulator() as two:
        assert one.port != two.port
        assert members(one.pid).isdisjoint(members(two.pid))


def test_a_chosen_port_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with emulator(port=port) as cloud:
        assert cloud.endpoint_url == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_refused_by_number_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StateroomError) as caught, emulator(port=port):
            pass
    assert str(port) in caught.value.what
    assert "--port" in caught.value.todo


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(StateroomError, match=str(port)), emulator(port=port):
        pass


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StateroomError) as caught, emulator():
        pass
    assert "pip install 'stateroom[demo]'" in caught.value.todo


def test_one_that_does_not_come_up_says_why_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(_port: int, _region: str, directory: Path) -> subprocess.Popen[bytes]:
        (directory / "emulator.log").write_text("line one\nthe disk is full\n")
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE)

    monkeypatch.setattr(emulator_module, "_start", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(StateroomError) as caught, emulator():
        pass
    assert caught.value.why == "it ended with code 3: the disk is full"
    assert not list(tmp_path.iterdir())


def test_its_environment_takes_the_path_and_nothing_else(tmp_path: Path) -> None:
    given = environment(4000, "eu-west-1", tmp_path, {"PATH": "/bin", "AWS_PROFILE": "work", "SECRET": "s"})
    assert given["PATH"] == "/bin"
    assert given["BIND_HOST"] == "127.0.0.1"
    assert {"AWS_PROFILE", "SECRET"}.isdisjoint(given)


def _invoke(cloud: Emulator) -> dict[str, str]:
    """Run a function that answers with its environment."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "import os\ndef handler(event, context):\n    return dict(os.environ)\n")
    with sandbox(cloud.endpoint_url) as place:
        functions = place.client("lambda")
        functions.create_function(
            FunctionName="tell",
            Runtime="python3.12",
            Role="arn:aws:iam::000000000000:role/none",
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
        answer: dict[str, str] = json.loads(functions.invoke(FunctionName="tell")["Payload"].read())
        return answer
