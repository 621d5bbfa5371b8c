"""A state of 30,000 resources with 90,000 secrets (66 MB): opened, listed, shown, changed; time and peak memory.

Everything runs as a process of its own. "opened" is the file in a bare process; then come the commands and the screen
on an SST home of that one state, in a directory and, packed with gzip, in a bucket of the emulator. "deploy" is the
engine's own deploy of one new queue beside as many that do not change: the plan, what it uploads before it writes the
state, how long the write takes (encode, check, store the state and its version), and the peak of it all.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import big_state
import project
from harness import ROOT, Budget, Report, Row, Sample, clean_environment, environment, finish, medians, parser, progress
from terminal import Terminal

SECONDS, MEMORY = Budget("abs", 3.0), Budget("abs", 600.0)
BUCKET = "sst-state-benchmarkabc"
LOCAL = ("--home", "sst-local")
_USED = """
import json, sys, time
def used():  # getrusage would begin with the memory of the process that started this one
    lines = open("/proc/self/status").read().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    open(sys.argv[1], "w").write(json.dumps({"CPU": time.process_time(), "peak": peak}))
"""
_COMMAND = f"""{_USED}
from stateroom.cli import main
code = main(sys.argv[2:])
used()
sys.exit(code)
"""
_FUNCTION = f"""{_USED}
from importlib import import_module
sys.path.insert(0, sys.argv[2])
print(json.dumps(getattr(import_module(sys.argv[3]), sys.argv[4])(*sys.argv[5:])))
used()
"""


def main() -> int:
    parse = parser(__doc__, rounds=3)
    parse.add_argument("--size", type=int, default=0, metavar="N", help="resources; default 30,000, --quick 1,000")
    options = parse.parse_args()
    size = options.size or (1000 if options.quick else 30_000)
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        progress(f"writing states of {size} resources with {size * big_state.SECRETS} secrets")
        data = big_state.sst_state(size)
        title = f"A state of {len(data) / 1e6:.0f} MB: {size} resources, {size * big_state.SECRETS} secrets"
        bench = Bench(Path(scratch), rounds, Report(f"{title}, medians of {rounds} rounds"))
        bench.directory(data)
        from stateroom.demo.emulator import emulator

        endpoint = held.enter_context(emulator(region=project.REGION)).endpoint_url
        bench.bucket(data, endpoint)
        bench.deploy(size, endpoint)
    return finish(bench.report, options)


class Bench:
    """The measurements, in a scratch directory."""

    def __init__(self, scratch: Path, rounds: int, report: Report) -> None:
        self.scratch, self.rounds, self.report = scratch, rounds, report
        self.here = scratch / "here"
        self.here.mkdir()
        self.variables = clean_environment(
            HOME=str(scratch / "user"), PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"
        )
        del self.variables["STATEROOM_PASSPHRASE"]  # the home has its own

    def directory(self, data: bytes) -> None:
        """Measure the file itself, and the commands and the screen on a home in a directory."""
        states = self.scratch / "user" / ".config" / "sst" / "state"
        phrase = {f"passphrase/{big_state.APP}/{big_state.STAGE}.json": big_state.PHRASE.encode()}
        for key, content in {**big_state.sst_objects(data), **phrase}.items():
            path = states / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        file = str(states / "app" / big_state.APP / f"{big_state.STAGE}.json")
        self._rows("opened", lambda: self._function("open_sst", file))
        self._rows("`stateroom status`", lambda: self._command("status", *LOCAL))
        self._rows("`stateroom state list`", lambda: self._command("state", "list", *LOCAL))
        self._rows("`stateroom versions`", lambda: self._command("versions", *LOCAL), limited=False)
        self._rows("screen, first rows", self._screen)
        names = map(big_state.name_of, range(1, self.rounds + 1))
        run = partial(self._command, "state", "remove")
        self._rows("`stateroom state remove`", lambda: run(next(names), "--yes", *LOCAL), limited=False)

    def bucket(self, data: bytes, endpoint: str) -> None:
        """Measure the commands on a home in a bucket, where objects are packed."""
        with environment(self.variables):
            _fill_bucket(data, endpoint)
        home = ("--home", "sst", "--endpoint-url", endpoint, "--region", project.REGION)
        for words in ("status", "state list", "versions"):
            run = partial(self._command, *words.split(), *home)
            self._rows(f"packed in a bucket: `{words}`", run, limited=False)

    def deploy(self, size: int, endpoint: str) -> None:
        """One new queue beside `size` that are in the state already."""
        directory = self.scratch / "own"
        big_state.write_own(directory, size)
        (directory / "serverless.yml").write_text(f"service: {project.APP}\nprovider:\n  name: aws\n")
        progress("deploy of one more")
        numbers = map(str, range(self.rounds))
        found = medians(
            [
                self._function("deploy_one", str(directory), str(size), next(numbers), endpoint)
                for _ in range(self.rounds)
            ]
        )
        units = {"plan": "s", "uploaded before the state": "kB", "the write": "s", "CPU": "s", "peak": "MB"}
        for what, unit in units.items():
            self.report.rows.append(Row(f"deploy of one more: {what}", found[what], None, None, unit))

    def _rows(self, what: str, run: Callable[[], Sample], *, limited: bool = True) -> None:
        progress(what)
        found = medians([run() for _ in range(self.rounds)])
        self.report.rows.append(Row(what, found["seconds"], None, SECONDS if limited else None))
        if "CPU" in found:
            self.report.rows.append(Row("  CPU time", found["CPU"]))
        self.report.rows.append(Row("  memory", found["peak"], None, MEMORY if limited else None, "MB"))

    def _command(self, *arguments: str) -> Sample:
        started = time.perf_counter()
        _, sample = self._process(_COMMAND, *arguments)
        return {"seconds": time.perf_counter() - started, **sample}

    def _function(self, name: str, *arguments: str) -> Sample:
        text, sample = self._process(_FUNCTION, str(ROOT / "benchmarks"), "big_state", name, *arguments)
        return {**json.loads(text), **sample}

    def _process(self, program: str, *arguments: str) -> tuple[str, Sample]:
        note = self.scratch / "used"
        command = [sys.executable, "-c", program, str(note), *arguments]
        done = subprocess.run(command, cwd=self.here, env=self.variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.returncode}\n{done.stdout[-500:]}{done.stderr[-800:]}")
        return done.stdout, json.loads(note.read_text())

    def _screen(self) -> Sample:
        first = big_state.name_of(0)
        command = (sys.executable, "-m", "stateroom", "--no-mouse", *LOCAL, ".")
        with Terminal(command, size=(160, 48), environment=self.variables, cwd=self.here) as terminal:
            shown = terminal.wait_for(lambda screen: first in screen.text, timeout=120, what="rows")
            return {"seconds": shown, "peak": terminal.memory()}


def _fill_bucket(data: bytes, endpoint: str) -> None:
    from stateroom.state.stores.aws import AwsClients

    clients = AwsClients(region=project.REGION, endpoint_url=endpoint)
    s3, ssm = clients("s3", project.REGION), clients("ssm", project.REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": project.REGION})
    for key, content in big_state.sst_objects(data).items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(content, 6))
    pointer = {"version": 5, "asset": BUCKET.replace("state", "asset"), "state": BUCKET}
    ssm.put_parameter(Name="/sst/bootstrap", Value=json.dumps(pointer), Type="String")
    phrase = f"/sst/passphrase/{big_state.APP}/{big_state.STAGE}"
    ssm.put_parameter(Name=phrase, Value=big_state.PHRASE, Type="SecureString")


if __name__ == "__main__":
    raise SystemExit(main())
