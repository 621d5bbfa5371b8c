"""What an S3 home costs when every call takes 60 ms: the calls of one change and of `status`, counted and timed.

The commands run in this process, on an emulator, and each call waits 60 ms where botocore sends it. "On the path" is
the chain of calls to the home (S3, SSM) that wait for one another and that no call to Lambda hides.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from harness import Budget, Report, Row, clean_environment, environment, finish, median, parser, progress, seconds

DELAY = 0.06  # seconds
CONFIG = """\
service: corner
provider: {{name: aws, runtime: python3.12, region: eu-west-1, memorySize: {memory}}}
functions:
  hello: {{handler: app.handler}}
"""
HOME = frozenset({"s3", "ssm"})
PATH, CHANGE, STATUS = Budget("abs", 12), Budget("abs", 25), Budget("abs", 8)
STATUS_SECONDS = Budget("abs", 0.45)


def main() -> int:
    options = parser(__doc__, rounds=5).parse_args()
    rounds = 1 if options.quick else options.rounds
    from stateroom.demo.emulator import emulator

    report = Report(f"An S3 home behind {DELAY * 1000:.0f} ms a call, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch, emulator() as cloud:
        variables = clean_environment(AWS_ENDPOINT_URL=cloud.endpoint_url, STATEROOM_PASSPHRASE="a passphrase")
        with environment(variables):
            project = Path(scratch)
            (project / "app.py").write_text("def handler(event, context):\n    return 1\n")
            progress("first deploy, without delay")
            command(project, "deploy", "--yes", memory=128)
            command(project, "status", memory=128)
            changes, looks = [], []
            for number in range(rounds):
                changes.append(measured(project, "deploy", "--yes", memory=192 + 64 * number))
                looks.append(measured(project, "status", memory=192 + 64 * number))
    tell(report, "one change", changes, CHANGE)
    tell(report, "status", looks, STATUS)
    return finish(report, options)


@dataclass(frozen=True, slots=True)
class Call:
    """One call; times in seconds."""

    service: str
    operation: str
    began: float
    ended: float

    def overlaps(self, other: Call) -> bool:
        """Whether both were under way at one moment."""
        return self.began < other.ended and other.began < self.ended


@dataclass(slots=True)
class Run:
    """One command: how long it took and what it called."""

    seconds: float = 0.0
    calls: list[Call] = field(default_factory=list)

    @property
    def home(self) -> list[Call]:
        """The calls to the home."""
        return [call for call in self.calls if call.service in HOME]

    @property
    def cloud(self) -> list[Call]:
        """The calls to what is deployed."""
        return [call for call in self.calls if call.service not in HOME | {"sts"}]

    def path(self) -> int:
        """How many calls to the home were waited for, one after the other, and hidden by no other call.

        Each call is taken to have waited for the one that ended last before it began.
        """
        count, call = 0, max(self.calls, key=lambda item: item.ended)
        while True:
            count += call.service in HOME and not any(call.overlaps(other) for other in self.cloud)
            before = [item for item in self.calls if item.ended <= call.began]
            if not before:
                return count
            call = max(before, key=lambda item: item.ended)

    def waited(self) -> float:
        """Seconds in which a call to what is deployed was under way."""
        total, until = 0.0, 0.0
        for call in sorted(self.cloud, key=lambda call: call.began):
            total += max(0.0, call.ended - max(call.began, until))
            until = max(until, call.ended)
        return total


def measured(project: Path, *words: str, memory: int) -> Run:
    """Run a command behind the delay."""
    run = Run()
    with delayed(run.calls):
        run.seconds = seconds(lambda: command(project, *words, memory=memory))
    return run


def command(project: Path, *words: str, memory: int) -> None:
    """`stateroom …` in this process, on a Serverless home."""
    from stateroom.cli import main as stateroom

    (project / "serverless.yml").write_text(CONFIG.format(memory=memory))
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = stateroom([*words, "-C", str(project), "--home", "serverless"])
    if code != 0:
        raise SystemExit(f"stateroom {' '.join(words)} ended with {code}:\n{said.getvalue()}")


@contextlib.contextmanager
def delayed(calls: list[Call]) -> Iterator[None]:
    """Let every call wait, and write it down."""
    from botocore.client import BaseClient

    send, turn = BaseClient._make_api_call, threading.Lock()

    def call(client: Any, operation: str, parameters: Any) -> Any:
        began = time.perf_counter()
        time.sleep(DELAY)
        try:
            return send(client, operation, parameters)
        finally:
            with turn:
                calls.append(Call(client.meta.service_model.service_name, operation, began, time.perf_counter()))

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield


def tell(report: Report, what: str, runs: Sequence[Run], budget: Budget) -> None:
    """Return the rows and the note of one command."""
    wall, deployed = median([run.seconds for run in runs]), median([run.waited() for run in runs])
    limit = STATUS_SECONDS if what == "status" else None
    report.rows.append(
        Row(f"{what}: calls to the home", median([len(run.home) for run in runs]), budget=budget, unit="")
    )
    report.rows.append(Row(f"{what}: on the path", median([run.path() for run in runs]), budget=PATH, unit=""))
    report.rows.append(Row(f"{what}: beyond the start", wall, deployed, limit, peer_name="in the cloud's calls"))
    counts = Counter(f"{call.service}.{call.operation}" for call in runs[-1].calls)
    report.notes.append(f"{what}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))


if __name__ == "__main__":
    raise SystemExit(main())
