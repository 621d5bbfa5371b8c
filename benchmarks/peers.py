"""Deploy, no-op, one change and remove of a role and ten functions: stateroom, osls and chalice as commands.

All work on one ministack, whose functions take half a second to become active. osls (the Serverless Framework's open
fork) deploys the very project that stateroom does, through the emulator's CloudFormation, and looks at its stack every
50 ms instead of every five seconds. chalice gets an app of as many functions; it runs once, because it waits seconds
for each change of a function. Either is left out, and that is said, when it is not there: osls needs node and npm.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from harness import STATEROOM, Budget, Report, Row, alternate, clean_environment, finish, medians, parser, progress
from operations import write_project

OSLS, CHALICE = "osls@4.3.1", "chalice==1.34.0"
BUDGETS = {"first deploy": Budget("x", 1), "no-op": Budget("x", 1 / 4), "one change": Budget("x", 1), "remove": None}
_numbers = itertools.count(1)


def main() -> int:
    parse = parser(__doc__, rounds=3)
    parse.add_argument("--size", type=int, default=0, metavar="N", help="functions; default 10, --quick 2")
    parse.add_argument("--osls", metavar="DIR", help="a folder with osls in node_modules; by default a scratch one")
    parse.add_argument("--chalice", metavar="PATH", help="chalice's program; by default it gets a scratch venv")
    options = parse.parse_args()
    size = options.size or (2 if options.quick else 10)
    rounds = 1 if options.quick else options.rounds
    from stateroom.demo.emulator import emulator

    report = Report(f"A role and {size} functions on ministack, as commands, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch, emulator() as cloud:
        bench = Bench(Path(scratch), size, clean_environment(AWS_ENDPOINT_URL=cloud.endpoint_url))
        contestants = {"stateroom": bench.stateroom}
        if not options.no_peers and (root := _osls(options, Path(scratch), report)):
            contestants["osls"] = partial(bench.osls, root)
        progress(", ".join(contestants))
        found = {name: medians(samples) for name, samples in alternate(rounds, contestants).items()}
        if not options.no_peers and (program := _chalice(options, Path(scratch), report)):
            progress("chalice (a minute or more)")
            found["chalice"] = bench.chalice(program)
    for step, seconds in found["stateroom"].items():
        budget = BUDGETS[step] if "osls" in found else None
        report.rows.append(Row(step, seconds, found.get("osls", {}).get(step), budget, peer_name="osls"))
    for step, theirs in found.get("chalice", {}).items():
        report.rows.append(Row(step, found["stateroom"][step], theirs, None, peer_name="chalice"))
    return finish(report, options)


class Bench:
    """One size, one emulator."""

    def __init__(self, scratch: Path, size: int, variables: Mapping[str, str]) -> None:
        self.scratch, self.size, self.variables = scratch, size, variables

    def stateroom(self) -> dict[str, float]:
        """`stateroom deploy`, three times, and `remove`."""
        project = self.scratch / f"ours{next(_numbers)}"
        change = partial(write_project, project, self.size)
        return self._steps([*STATEROOM, "--yes"], project, change, "remove")

    def osls(self, root: Path) -> dict[str, float]:
        """Time osls on the same project: deploys and remove."""
        project = root / "projects" / f"theirs{next(_numbers)}-{time.time_ns()}"
        project.parent.mkdir(exist_ok=True)
        change = partial(write_project, project, self.size)
        program = ["node", str(root / "node_modules" / "osls" / "bin" / "serverless.js")]
        quiet = {"SLS_NOTIFICATIONS_MODE": "off", "SLS_TELEMETRY_DISABLED": "1", "CI": "1"}
        try:
            return self._steps(program, project, change, "remove", SLS_AWS_MONITORING_FREQUENCY="50", **quiet)
        finally:
            shutil.rmtree(project)

    def chalice(self, program: str) -> dict[str, float]:
        """Time chalice on the same project, once."""
        project = self.scratch / f"chalice{next(_numbers)}"
        change = partial(_write_chalice, project, self.size)
        return self._steps([program], project, change, "delete")

    def _steps(
        self, program: list[str], project: Path, write: Callable[..., None], remove: str, **more: str
    ) -> dict[str, float]:
        variables = {**self.variables, **more}

        def run(command: str) -> float:
            started = time.perf_counter()
            line = [*program, command]
            done = subprocess.run(line, cwd=project, env=variables, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{line}: {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}")
            return time.perf_counter() - started

        write()
        found = {"first deploy": run("deploy"), "no-op": run("deploy")}
        write(first_memory=512)
        return found | {"one change": run("deploy"), "remove": run(remove)}


def _write_chalice(directory: Path, size: int, *, first_memory: int = 256) -> None:
    """Write an app with `size` functions that share a role."""
    (directory / ".chalice").mkdir(parents=True, exist_ok=True)
    functions = "".join(
        f"\n@app.lambda_function(name='f{index:03d}')\ndef f{index:03d}(event, context):\n    return 'ok'\n"
        for index in range(size)
    )
    app = f"from chalice import Chalice\n\napp = Chalice(app_name={directory.name!r})\n"
    (directory / "app.py").write_text(app + functions)
    (directory / "requirements.txt").write_text("")
    stage = {"lambda_memory_size": 256, "lambda_timeout": 10}
    stage |= {"lambda_functions": {"f000": {"lambda_memory_size": first_memory}}}
    config = {"version": "2.0", "app_name": directory.name, "stages": {"dev": stage}}
    (directory / ".chalice" / "config.json").write_text(json.dumps(config))


def _osls(options: Namespace, scratch: Path, report: Report) -> Path | None:
    """Install osls and return its folder; None, and a note, when it cannot be had."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        report.notes.append(f"{' and '.join(missing)} not found, and osls needs it: not compared with osls")
        return None
    if options.osls:
        return Path(options.osls).resolve()
    root = scratch / "osls"
    root.mkdir()
    (root / "package.json").write_text('{"name": "peer", "version": "1.0.0", "private": true}\n')
    progress("installing osls in a scratch folder")
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", OSLS]
    return root if _installed(install, root, report, "osls") else None


def _chalice(options: Namespace, scratch: Path, report: Report) -> str | None:
    """chalice's program; None, and a note, when it cannot be had."""
    if options.chalice:
        return str(options.chalice)
    venv = scratch / "chalice"
    progress("installing chalice in a scratch virtual environment")
    made = _installed([sys.executable, "-m", "venv", str(venv)], scratch, report, "chalice")
    ready = made and _installed([str(venv / "bin/pip"), "install", "-q", CHALICE], scratch, report, "chalice")
    return str(venv / "bin/chalice") if ready else None


def _installed(command: list[str], cwd: Path, report: Report, name: str) -> bool:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        report.notes.append(f"{name} cannot be installed here (--{name} names one): not compared with {name}")
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
