"""Whole commands on projects of 100, 1,000 and 10,000 resources: CPU seconds and memory of the process.

The peer composes the same file with libyaml as a process of its own: what nobody who reads it can do without. Growth
is what ten times as many resources cost, each beside the smallest project: 10 is linear.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import STATEROOM, Budget, Report, Row, alternate, clean_environment, finish, medians, parser, progress
from project import REGION, STAGE, write_project

COMPOSE = "import sys, yaml; yaml.compose(open('serverless.yml', encoding='utf-8'), yaml.CSafeLoader)"
NEEDS_NO_CONFIG = Budget("abs", 1.5)
MEMORY = Budget("abs", 250)
COMMANDS: Mapping[str, Budget | None] = {
    "versions": NEEDS_NO_CONFIG,
    "state list": NEEDS_NO_CONFIG,
    "unlock": NEEDS_NO_CONFIG,
    "compile": Budget("abs", 4.5),
    "status --offline": None,
    "deploy --dry-run": Budget("x", 2),
}


def main() -> int:
    parse = parser(__doc__, rounds=3)
    parse.add_argument("--sizes", default="100,1000,10000", metavar="N,N", help="resources of each project")
    options = parse.parse_args()
    sizes = [20, 60] if options.quick else [int(size) for size in options.sizes.split(",")]
    rounds = 1 if options.quick else options.rounds
    report = Report(f"Commands as whole processes, medians of {rounds}: CPU time")
    from stateroom.demo.emulator import emulator

    found: dict[int, Mapping[str, Mapping[str, float]]] = {}
    with emulator(region=REGION) as running, tempfile.TemporaryDirectory() as scratch:
        for size in sizes:
            project = Path(scratch) / str(size)
            progress(f"{size} resources")
            write_project(project, size)
            contestants = {"libyaml": (sys.executable, "-c", COMPOSE)} | {
                name: (*STATEROOM, *name.split(), "--stage", STAGE) for name in COMMANDS
            }
            runs = {
                name: (lambda command=command, project=project: measured(command, project, running.endpoint_url))
                for name, command in contestants.items()
            }
            alternate(1, {"libyaml": runs["libyaml"]})
            found[size] = {name: medians(samples) for name, samples in alternate(rounds, runs).items()}
    largest = max(sizes)
    for name, budget in COMMANDS.items():
        for size in sizes:
            limit = budget if size == largest and not options.quick else None
            peer = found[size]["libyaml"]["cpu"]
            report.rows.append(Row(f"{name}, {size}", found[size][name]["cpu"], peer, limit, peer_name="libyaml"))
        limit = MEMORY if not options.quick else None
        report.rows.append(Row(f"{name}, {largest}: memory", found[largest][name]["memory"], None, limit, "MB"))
        if len(sizes) > 2:
            small, middle, large = (found[size][name]["cpu"] for size in sizes)
            if middle - small > 0.1:  # below that it is the noise of two starts of Python
                growth = (large - small) / (middle - small)
                report.rows.append(Row(f"{name}: growth from {sizes[1]} to {sizes[2]}", growth, unit=""))
    return finish(report, options)


def measured(command: Sequence[str], directory: Path, endpoint: str) -> Mapping[str, float]:
    """Run a command to its end; CPU seconds of the process and its largest memory in MB."""
    child = subprocess.Popen(
        command,
        cwd=directory,
        env=clean_environment(AWS_ENDPOINT_URL=endpoint),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    complaints = child.stderr.read() if child.stderr else b""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 2):
        raise RuntimeError(f"{' '.join(command)}: {child.returncode}\n{complaints.decode(errors='replace')[-800:]}")
    return {"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


if __name__ == "__main__":
    raise SystemExit(main())
