"""Ctrl-C and SIGTERM end what only reads: a process that waits, spins or takes no notice (case `glob-never-ends`)."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.emulators import clean_environment

pytestmark = pytest.mark.emulator  # a program is started

READERS = {
    "status": ("status",),
    "diff": ("diff",),
    "versions": ("versions",),
    "outputs": ("outputs",),
    "compile": ("compile",),
    "plan": ("deploy", "--dry-run"),
}
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
# What a command meets in place of a project. Each says "ready" when it has begun.
OBSTACLES = {
    "a loop": "while True: pass",
    "a loop that takes no notice": """
while True:
    try:
        while True: pass
    except KeyboardInterrupt: pass""",
    "a thread that is waited for": """
with ThreadPoolExecutor(1) as pool: pool.submit(lambda: PAIR[0].recv(1)).result()""",
    "a loop in a thread that is waited for": """
def spin():
    while True: pass
with ThreadPoolExecutor(1) as pool: pool.submit(spin).result()""",
    "a cleanup that hangs": """
try: PAIR[0].recv(1)
finally: PAIR[0].recv(1)""",
}
PROGRAM = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
import stateroom.engine.cockpit
from stateroom.cli import main
PAIR = socket.socketpair()
def obstacle(*_):
    print("ready", flush=True)
{body}
stateroom.engine.cockpit.open_cockpit = obstacle
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def child(*command: str, cwd: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    env = {**clean_environment(cwd), "PYTHONUNBUFFERED": "1", **environment}
    with subprocess.Popen(
        command, cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Signal a child and wait for its end; returns what it said on standard error."""
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == SIGNALS[number], err
    return err


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_a_signal_ends_a_reader_whatever_it_does(tmp_path: Path, obstacle: str, number: signal.Signals) -> None:
    body = "\n".join(f"    {line}" for line in OBSTACLES[obstacle].strip().splitlines())
    with child(sys.executable, "-c", PROGRAM.format(body=body), "status", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert ended(process, number) == "stopped\n"


@pytest.mark.parametrize("reader", READERS)
def test_a_signal_ends_a_reader_that_waits_for_a_server(tmp_path: Path, reader: str) -> None:
    text = "service: shop\nprovider: {name: aws, region: eu-west-1}\nresources: {Resources: {Q: "
    (tmp_path / "serverless.yml").write_text(text + "{Type: AWS::SQS::Queue, Properties: {QueueName: '${ssm:/q}'}}}}\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        command = [sys.executable, "-m", "stateroom", *READERS[reader]]
        with child(*command, cwd=tmp_path, AWS_ENDPOINT_URL=url, STATEROOM_HOME="") as process:
            server.settimeout(30)
            connection, _ = server.accept()
            with connection:
                assert "Traceback" not in ended(process, signal.SIGINT)


def test_two_signals_end_a_reader_that_ignores_the_first(tmp_path: Path) -> None:
    body = "\n".join(f"    {line}" for line in OBSTACLES["a cleanup that hangs"].strip().splitlines())
    with child(sys.executable, "-c", PROGRAM.format(body=body), "status", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in ended(process, signal.SIGINT)
