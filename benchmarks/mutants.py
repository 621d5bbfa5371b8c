"""Mutants of engine, state and cloud: how many of a random sample do the tests notice?

A mutant is a module with one small fault: a comparison turned round, a call left out, a condition that never holds. The
tests that call the function at fault are run on it, the fastest first; it is killed when one fails. First every test is
run once, to learn which functions it calls.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import ROOT, Report, Row, finish, parser, progress
from mutation.mutants import Mutant, mutants

HERE = Path(__file__).resolve().parent
ROOMS = ("engine", "state", "cloud")
TESTS = ("cloud", "commands", "engine", "model", "presentation", "state")
LEFT_OUT = "not oracle and not speed"  # other people's programs, and what measures time
MOST_TESTS = 200  # of one mutant: a function that every test calls is tried on the fastest of them
SURVIVED, NO_TESTS = 0, 5  # pytest's exit codes: all passed, none was run
WANTED = 0.9  # at least so many are noticed
PATIENCE = 150.0  # seconds for the tests of one mutant: a loop that does not end is a mutant that was noticed


@dataclass(frozen=True, slots=True)
class Test:
    """A test, how long it takes in seconds, and the functions that it calls (`path:line`)."""

    name: str
    seconds: float
    calls: frozenset[str]


def main() -> int:
    """Measure; returns the exit code."""
    parse = parser(__doc__, rounds=1)
    parse.add_argument("--count", type=int, default=200, metavar="N", help="mutants; default 200, --quick 2")
    parse.add_argument("--seed", type=int, default=1, metavar="N", help="another sample; default 1")
    parse.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="at once; default: cores")
    parse.add_argument("--only", default="", metavar="TEXT", help="only modules whose path holds TEXT")
    parse.add_argument(
        "--calls", type=Path, metavar="FILE", help="where what tests call is kept, and read if it is there"
    )
    options = parse.parse_args()
    rooms, folders = (("model",), ("model",)) if options.quick else (ROOMS, TESTS)
    count, only = (2, "graph") if options.quick else (options.count, options.only)
    chosen = sample(rooms, count, options.seed, only)
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.calls or Path(scratch) / "calls.json"
        if not kept.exists():
            kept.write_text(json.dumps(learn(folders, Path(scratch), options.jobs)), "utf-8")
        tests = fastest_first(json.loads(kept.read_text("utf-8")))
        with ThreadPoolExecutor(options.jobs) as pool:
            killed = list(pool.map(lambda mutant: is_killed(mutant, tests, Path(scratch)), chosen))
    report = Report(f"{len(chosen)} mutants of {', '.join(rooms)}, seed {options.seed}")
    share = sum(killed) / len(chosen)
    report.rows.append(Row("mutants killed", 100 * share, unit="%"))
    report.notes += [f"survived: {mutant}" for mutant, dead in zip(chosen, killed, strict=True) if not dead]
    if share < WANTED:
        report.notes.append(f"fewer than {WANTED:.0%} were killed")
    return finish(report, options) or int(options.check and share < WANTED)


def sample(rooms: Sequence[str], count: int, seed: int, only: str) -> list[Mutant]:
    """Choose mutants: first a module by its share of all lines, then one of its mutants."""
    package = ROOT / "tui" / "stateroom"
    paths = [path for room in rooms for path in sorted((package / room).rglob("*.py")) if only in str(path)]
    sources = {path: path.read_text("utf-8") for path in paths}
    weights = [len(source) for source in sources.values()]
    chance = random.Random(seed)
    made: dict[Path, list[Mutant]] = {}
    chosen: dict[str, Mutant] = {}
    for path in chance.choices(list(sources), weights, k=20 * count):
        if path not in made:
            made[path] = list(mutants(str(path.relative_to(ROOT)), sources[path]))
        if made[path]:
            mutant = chance.choice(made[path])
            chosen[str(mutant)] = mutant
        if len(chosen) == count:
            break
    return list(chosen.values())


def learn(folders: Sequence[str], scratch: Path, jobs: int) -> dict[str, Any]:
    """Run all tests once; returns seconds and calls of those that passed, by name."""
    progress("which test calls which function")
    into = scratch / "callers"
    into.mkdir()
    workers = str(jobs) if jobs > 1 else "0"
    arguments = ("-m", "pytest", "-q", "-p", "mutation.callers", "-n", workers, "-m", LEFT_OUT)
    paths = [str(Path("tests", folder)) for folder in folders]
    run([sys.executable, *arguments, *paths], None, {"STATEROOM_CALLERS": str(into)})
    noted: dict[str, Any] = {}
    for path in into.glob("*.json"):
        noted |= json.loads(path.read_text("utf-8"))
    return noted


def fastest_first(noted: Mapping[str, Any]) -> list[Test]:
    """Return what was noted of the tests as data."""
    tests = [Test(name, test["seconds"], frozenset(test["calls"])) for name, test in noted.items()]
    return sorted(tests, key=lambda test: test.seconds)


def is_killed(mutant: Mutant, tests: Sequence[Test], scratch: Path) -> bool:
    """Tell whether a test that calls the mutant's function fails."""
    function = f"{mutant.path}:{mutant.function}"
    names = [test.name for test in tests if function in test.calls][:MOST_TESTS]
    source = scratch / f"{abs(hash(str(mutant)))}.py"
    source.write_text(mutant.source, "utf-8")
    module = mutant.path.removeprefix("tui/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    command = [
        sys.executable,
        "-m",
        "mutation.child",
        module,
        str(source),
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *names,
    ]
    code = run(command, PATIENCE) if names else SURVIVED
    dead = code not in (SURVIVED, NO_TESTS)
    progress(f"{'killed  ' if dead else 'SURVIVED'} {mutant} ({len(names)} tests)")
    return dead


def run(command: Sequence[str], patience: float | None, more: Mapping[str, str] | None = None) -> int | None:
    """Run a program and all that it starts; its exit code, or None when it took longer than `patience` seconds."""
    path = os.pathsep.join((str(HERE), str(ROOT / "tui")))
    with tempfile.TemporaryDirectory() as home:
        variables = {**os.environ, "PYTHONPATH": path, "TMPDIR": home, "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process's group: a mutant may have left emulators behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    sys.exit(main())
