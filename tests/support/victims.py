"""Commands that die by SIGKILL at a chosen write, each in a process of its own, which costs a fork and no new Python.

A server imports everything once. For each order it forks; the child runs one command with the test's environment and is
killed or lives. `python -m tests.support.victims MODULE` serves; `MODULE.arm(count, point, when)` makes writes deadly.
Orders and answers are JSON objects, one a line.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.emulators import REGION, clean_environment
from tests.support.once import work_out_once

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("apigatewayv2", "cloudformation", "dynamodb", "iam", "lambda", "logs", "s3", "sqs", "ssm", "sts")
Arm = Callable[[Iterator[int], int, str], None]


@dataclass(frozen=True)
class Victims:
    """The server, as the tests talk to it."""

    process: subprocess.Popen[str]

    def run(self, point: int, when: str, *words: str) -> dict[str, Any]:
        """Run a command that dies `before` or `after` its n-th write; with point 0 it lives.

        Answers {"died": …} and, if it lived, its "code", its "output", and how many "writes" it made.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"point": point, "when": when, "words": words, "environment": dict(os.environ)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def writes(self, *words: str) -> int:
        """How many writes the command makes when nobody kills it."""
        answer = self.run(0, "before", *words)
        assert answer["code"] == 0, answer["output"]
        return int(answer["writes"])


@contextlib.contextmanager
def victims(module: str, directory: Path) -> Iterator[Victims]:
    """Start a server for the writes that a module arms."""
    command = [sys.executable, "-m", "tests.support.victims", module]
    environment = clean_environment(directory)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Victims(process)


def fatal(number: int, point: int, moment: str, when: str) -> None:
    """Die here if this is the chosen write, at the chosen moment."""
    if (number, moment) == (point, when):
        os.kill(os.getpid(), signal.SIGKILL)


def serve(arm: Arm) -> None:
    """Fork a child for each line of standard input, and say how it ended."""
    warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.NamedTemporaryFile() as report:
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    obey(arm, order, Path(report.name))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            told = report.read()
            print(json.dumps({"died": died, **(json.loads(told) if told else {})}), flush=True)


def warm_up() -> None:
    """Import what commands import, and parse what their clients parse."""
    import boto3

    for name in (
        "cloud.session",
        "commands.deploy",
        "commands.remove",
        "commands.reset",
        "config.compiler",
        "engine.cockpit",
        "cli",
    ):
        importlib.import_module(f"stateroom.{name}")
    work_out_once()
    for service in SERVICES:
        boto3.Session(region_name=REGION).client(service)
    gc.freeze()  # or a child copies all of it at its first collection


def obey(arm: Arm, order: dict[str, Any], report: Path) -> None:
    """In the child: run the command, and say how it went if it lives."""
    from stateroom.cli import main

    os.environ.clear()
    os.environ.update(order["environment"])
    count = itertools.count(1)
    arm(count, order["point"], order["when"])
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main(order["words"])
    report.write_text(json.dumps({"code": code, "writes": next(count) - 1, "output": output.getvalue()}))


if __name__ == "__main__":
    serve(importlib.import_module(sys.argv[1]).arm)
