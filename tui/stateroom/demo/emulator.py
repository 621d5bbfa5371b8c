"""Embedded cloud: one ministack on a free loopback port, stopped with its owner."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stateroom.errors import StateroomError
from stateroom.programs.process import Process, start, wait

HOST = "127.0.0.1"
READY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """Running emulator. `log` is its output, for diagnosis."""

    port: int
    pid: int
    log: Path

    @property
    def endpoint_url(self) -> str:
        """Endpoint of every service."""
        return f"http://{HOST}:{self.port}"


@contextlib.contextmanager
def emulator(*, port: int | None = None, region: str = "eu-west-1") -> Iterator[Emulator]:
    """Start an emulator, wait until it answers, and stop it and its child processes on leaving.

    Args:
        port: the loopback port to listen on; a free one by default.
        region: the region it takes for its own.

    Raises:
        StateroomError: the extra is not installed, the port is taken, or the emulator does not come up.
    """
    _require_ministack()
    chosen = _free_port() if port is None else _check_port(port)
    directory = Path(tempfile.mkdtemp(prefix="stateroom-emulator-"))
    process = _start(chosen, region, directory)
    try:
        log = directory / "emulator.log"
        _wait_until_ready(process, chosen, log)
        yield Emulator(chosen, process.pid, log)
    finally:
        _stop(process)
        shutil.rmtree(directory, ignore_errors=True)  # the guard does so too, unless it never came up


def _require_ministack() -> None:
    if importlib.util.find_spec("ministack") is None:
        raise StateroomError(
            "the demo's emulator is not installed",
            why="ministack comes with the extra 'demo', which this installation lacks",
            todo="pip install 'stateroom[demo]'",
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _check_port(port: int) -> int:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except (OSError, OverflowError) as error:
        raise StateroomError(
            f"port {port} cannot be used for the demo",
            why=f"{HOST}:{port}: {getattr(error, 'strerror', None) or error}",
            todo="choose another with --port, or leave --port out and a free one is found",
        ) from None
    return port


def environment(port: int, region: str, directory: Path, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the emulator's environment: port, region and directory; of the caller's only PATH."""
    return {
        "PATH": caller.get("PATH", os.defpath),
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BIND_HOST": HOST,  # its default is every interface
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "LOG_LEVEL": "WARNING",
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        # No second listener, and no reaching for a container daemon: functions run as plain processes.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{directory}/no-docker",
        # What the functions inherit: keys that mean nothing, and no other place to find any.
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "NO_PROXY": "*",
    }


def _start(port: int, region: str, directory: Path) -> Process:
    with (directory / "emulator.log").open("wb") as log:
        command = [sys.executable, "-P", "-m", "stateroom.demo.guard", str(directory)]
        return start(command, cwd=directory, environment=environment(port, region, directory, os.environ), log=log)


def _wait_until_ready(
    process: Process,
    port: int,
    log: Path,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    deadline = clock() + READY_SECONDS
    while process.poll() is None and clock() < deadline:
        if _answers(port):
            return
        sleep(0.05)
    ended = process.poll() is not None
    last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    raise StateroomError(
        "the demo's emulator did not come up",
        why=(f"it ended with code {process.returncode}" if ended else f"no answer within {READY_SECONDS:g} s")
        + "".join(f": {line}" for line in last),
        todo="try again; if it stays so, run `python -m pip install --force-reinstall 'stateroom[demo]'`",
    )


def _answers(port: int) -> bool:
    # An opener without proxies: a proxy variable of the caller must not see even this request.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/_ministack/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _stop(process: Process) -> None:
    """Close the pipe, then make sure that the process ends."""
    if process.stdin is not None:
        process.stdin.close()
    if not wait(process, 5):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    # What the emulator ran for functions is killed with it, but takes a moment longer to be gone.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        for _ in range(200):
            os.killpg(process.pid, 0)
            time.sleep(0.01)
