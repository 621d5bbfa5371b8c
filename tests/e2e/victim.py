"""Runs stateroom commands that die by SIGKILL at the n-th write to the home.

The writes are those of the journal, the lock, the state, the versions and the artifacts. Everything is imported once;
each command then runs in a child of its own, so that a hundred deaths do not cost a hundred starts of Python. Reads
a JSON object a line, {"point": n, "when": "before" or "after", "words": […]}; answers with {"died": …, "code": …,
"writes": …, "output": …}. With point 0 the command lives.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # noqa: F401 (here, so that children need not import it)

import stateroom.cloud.session
import stateroom.commands.deploy
import stateroom.commands.remove
import stateroom.config.compiler
import stateroom.engine.cockpit  # noqa: F401
from stateroom.cli import main
from stateroom.state.stores.directory import DirectoryStore

put, delete = DirectoryStore.put, DirectoryStore.delete


def arm(count: Iterator[int], point: int, when: str) -> None:
    """From now on, the chosen write is the last."""

    def die(number: int, moment: str) -> None:
        if number == point and moment == when:
            os.kill(os.getpid(), signal.SIGKILL)

    def fatal_put(self: DirectoryStore, key: str, data: bytes, **conditions: Any) -> str:
        number = next(count)
        die(number, "before")
        etag = put(self, key, data, **conditions)
        die(number, "after")
        return etag

    def fatal_delete(self: DirectoryStore, key: str, **conditions: Any) -> None:
        number = next(count)
        die(number, "before")
        delete(self, key, **conditions)
        die(number, "after")

    DirectoryStore.put = fatal_put  # type: ignore[method-assign]
    DirectoryStore.delete = fatal_delete  # type: ignore[method-assign]


def run(point: int, when: str, words: list[str], report: Path) -> None:
    """In the child: run the command, and say how it went if it lives."""
    count = itertools.count(1)
    arm(count, point, when)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main(words)
    report.write_text(json.dumps({"code": code, "writes": next(count) - 1, "output": output.getvalue()}))


def serve() -> None:
    """A child for each line of standard input."""
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.NamedTemporaryFile() as report:
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    run(order["point"], order["when"], order["words"], Path(report.name))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            told = report.read()
            print(json.dumps({"died": died, **(json.loads(told) if told else {})}), flush=True)


if __name__ == "__main__":
    serve()
