"""Deploy, no-op, one change, refresh and remove of a role and N functions, against the same raw boto3 calls.

Both work on one ministack, whose functions take half a second to become active, on 16 threads each. "engine" is the
engine in this process, plan and execution; "command" is `stateroom …` as a process, against raw.py as a process. The
calls of each are counted where botocore sends them. "CPU time" is that of this process, all threads together: it says
what the engine adds when the machine has other things to do as well.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import raw
from harness import (
    ROOT,
    STATEROOM,
    Budget,
    Report,
    Row,
    alternate,
    clean_environment,
    environment,
    finish,
    medians,
    parser,
    progress,
    seconds,
)

BUDGET = Budget("x", 1.25)
STEPS = ("first deploy", "no-op", "one change", "refresh", "remove")
_numbers = itertools.count(1)


def main() -> int:
    parse = parser(__doc__, rounds=3)
    parse.add_argument("--sizes", type=int, nargs="+", metavar="N", help="functions; default 10 100, --quick 10")
    options = parse.parse_args()
    sizes = options.sizes or ([10] if options.quick else [10, 100])
    rounds = 1 if options.quick else options.rounds
    from stateroom.demo.emulator import emulator

    report = Report(f"A role and N functions on ministack, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch, emulator() as cloud:
        variables = clean_environment(AWS_ENDPOINT_URL=cloud.endpoint_url)
        with environment(variables):
            if not options.quick:
                progress("imports and first clients, on both sides")
                Bench(Report(""), Path(scratch), cloud.endpoint_url, variables, 1).run(1)
            for size in sizes:
                progress(f"{size} functions")
                Bench(report, Path(scratch), cloud.endpoint_url, variables, size).run(rounds)
    return finish(report, options)


class Bench:
    """One size."""

    def __init__(self, report: Report, scratch: Path, endpoint: str, variables: Mapping[str, str], size: int) -> None:
        self.report, self.scratch, self.endpoint, self.variables, self.size = report, scratch, endpoint, variables, size
        self.calls: dict[str, dict[str, Counter[str]]] = {}

    def run(self, rounds: int) -> None:
        """Measure and report."""
        contestants: dict[str, Callable[[], dict[str, float]]] = {
            "engine": self.engine,
            "raw": self.raw,
            "command": self.command,
            "raw process": self.raw_process,
        }
        found = {name: medians(samples) for name, samples in alternate(rounds, contestants).items()}
        for ours, peer in (("engine", "raw"), ("command", "raw process")):
            for step in STEPS:
                theirs = found[peer].get(step)
                name = peer if theirs is not None else ""
                budget = BUDGET if theirs is not None and ours == "engine" else None
                self.report.rows.append(
                    Row(f"{ours}, {self.size}: {step}", found[ours][step], theirs, budget, peer_name=name)
                )
        for step in STEPS:
            spent = f"{step}, CPU"
            ours_spent, raw_spent = found["engine"][spent], found["raw"].get(spent)
            self.report.rows.append(
                Row(f"engine, {self.size}: {spent} time", ours_spent, raw_spent, peer_name="raw" if raw_spent else "")
            )
        for step in STEPS:
            ours_, theirs_ = self.calls["engine"][step], self.calls["raw"].get(step, Counter())
            self.report.rows.append(
                Row(
                    f"calls, {self.size}: {step}",
                    sum(ours_.values()),
                    sum(theirs_.values()) or None,
                    unit="",
                    peer_name="raw",
                )
            )
            more = {name: count - theirs_[name] for name, count in sorted(ours_.items()) if count > theirs_[name]}
            if more:
                self.report.notes.append(
                    f"{self.size}, {step}: more calls than raw: " + ", ".join(f"{n} {name}" for name, n in more.items())
                )

    def engine(self) -> dict[str, float]:
        """stateroom in this process; a workspace opened anew for each step, as each command does."""
        from stateroom.model.plan import Operation

        project = self.scratch / f"engine{next(_numbers)}"
        write_project(project, self.size)
        steps: dict[str, Callable[[], None]] = {
            "first deploy": lambda: self._operate(project, Operation.DEPLOY),
            "no-op": lambda: self._operate(project, Operation.DEPLOY),
            "one change": lambda: self._operate(project, Operation.DEPLOY),
            "refresh": lambda: self._operate(project, Operation.REFRESH),
            "remove": lambda: self._operate(project, Operation.REMOVE),
        }
        return self._timed("engine", steps, project)

    def _operate(self, project: Path, operation: Any) -> None:
        from stateroom.engine.cockpit import open_project_cockpit
        from stateroom.engine.options import WorkspaceOptions
        from stateroom.engine.requests import Control, Request

        cockpit = open_project_cockpit(
            project, WorkspaceOptions(stage="dev", endpoint_url=self.endpoint, environment=self.variables)
        )
        plan = cockpit.plan(Request(operation))
        outcome = cockpit.execute(plan, lambda _: None, Control())
        if not outcome.ok:
            raise RuntimeError(f"{operation}: {outcome.errors}")

    def raw(self) -> dict[str, float]:
        """boto3 in this process; a new session for each step."""
        name = f"raw{next(_numbers)}"
        steps = {
            "first deploy": lambda: raw.RawCalls(self.endpoint, name, self.size).deploy(),
            "one change": lambda: raw.RawCalls(self.endpoint, name, self.size).change(),
            "refresh": lambda: raw.RawCalls(self.endpoint, name, self.size).refresh(),
            "remove": lambda: raw.RawCalls(self.endpoint, name, self.size).remove(),
        }
        return self._timed("raw", steps, None)

    def command(self) -> dict[str, float]:
        """Time `stateroom` as a command, one process for each step."""
        project = self.scratch / f"command{next(_numbers)}"
        write_project(project, self.size)

        def run(*arguments: str) -> Callable[[], None]:
            return lambda: self._process([*STATEROOM, *arguments, "--yes"], project)

        return self._timed(
            "",
            {
                "first deploy": run("deploy"),
                "no-op": run("deploy"),
                "one change": run("deploy"),
                "refresh": run("refresh"),
                "remove": run("remove"),
            },
            project,
        )

    def raw_process(self) -> dict[str, float]:
        """raw.py as a process."""
        name = f"rawprocess{next(_numbers)}"

        def run(operation: str) -> Callable[[], None]:
            script = str(ROOT / "benchmarks" / "raw.py")
            return lambda: self._process(
                [sys.executable, script, operation, str(self.size), self.endpoint, name], self.scratch
            )

        steps = {"first deploy": "deploy", "one change": "change", "refresh": "refresh", "remove": "remove"}
        return self._timed("", {step: run(operation) for step, operation in steps.items()}, None)

    def _process(self, command: list[str], cwd: Path) -> None:
        done = subprocess.run(command, cwd=cwd, env=dict(self.variables), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}")

    def _timed(
        self, contestant: str, steps: Mapping[str, Callable[[], None]], project: Path | None
    ) -> dict[str, float]:
        times = {}
        for step, work in steps.items():
            if step == "one change" and project is not None:
                write_project(project, self.size, first_memory=512)
            with counted() as calls:
                used = time.process_time()
                times[step] = seconds(work)
                times[f"{step}, CPU"] = time.process_time() - used
            if contestant:
                self.calls.setdefault(contestant, {})[step] = calls
        return times


def write_project(directory: Path, size: int, *, first_memory: int = 256) -> None:
    """One role, `size` functions of one package, no log groups: what raw.py makes."""
    directory.mkdir(exist_ok=True)
    (directory / "app.py").write_text(raw.HANDLER)
    functions = "".join(
        f"  f{index:03d}:\n    handler: app.handler\n    memorySize: {256 if index else first_memory}\n"
        "    disableLogs: true\n"
        for index in range(size)
    )
    (directory / "serverless.yml").write_text(
        f"service: {directory.name}\n"
        "provider:\n  name: aws\n  runtime: python3.12\n  region: eu-west-1\n  timeout: 10\n  versionFunctions: false\n"
        "  iam:\n    role:\n      statements:\n"
        "        - {Effect: Allow, Action: [sqs:SendMessage], Resource: '*'}\n"
        f"functions:\n{functions}"
    )


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the API calls of this process, by operation."""
    from botocore.endpoint import Endpoint

    calls: Counter[str] = Counter()
    send = Endpoint.make_request

    def make_request(self: Any, operation_model: Any, request_dict: Any) -> Any:
        calls[operation_model.name] += 1
        return send(self, operation_model, request_dict)

    with mock.patch.object(Endpoint, "make_request", make_request):
        yield calls


if __name__ == "__main__":
    raise SystemExit(main())
