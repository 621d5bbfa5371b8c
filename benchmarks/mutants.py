"""Mutants of engine, state and cloud: how many of a random sample do the tests notice?

A mutant is a module with one small fault: a comparison turned round, a call left out, a condition that never holds. The
tests that call the function at fault are run on it; it is killed when one fails that passes without it, or when they do
not come to an end. First every test is run once, to learn which functions it calls.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness import ROOT, Report, Row, finish, parser, progress
from mutation.mutants import Mutant, mutants
from mutation.trials import Test, Trial, attempt, noted_tests, run, unsound

ROOMS = ("engine", "state", "cloud")
TESTS = ("cloud", "commands", "engine", "model", "presentation", "state")
LEFT_OUT = "not oracle and not speed"  # other people's programs, and what measures time
WANTED = 0.9  # at least so many are noticed


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
        tests = noted_tests(json.loads(kept.read_text("utf-8")))
        trials = try_all(chosen, tests, Path(scratch), options.jobs)
    report = Report(f"{len(chosen)} mutants of {', '.join(rooms)}, seed {options.seed}")
    share = sum(trial.killed for trial in trials) / len(chosen)
    report.rows.append(Row("mutants killed", 100 * share, unit="%"))
    report.notes += [f"survived: {trial.mutant}" for trial in trials if not trial.killed]
    if share < WANTED:
        report.notes.append(f"fewer than {WANTED:.0%} were killed")
    return finish(report, options) or int(options.check and share < WANTED)


def try_all(chosen: Sequence[Mutant], tests: Sequence[Test], scratch: Path, jobs: int) -> list[Trial]:
    """Try every mutant; again without the test that killed it when that one fails without the mutant, too."""

    def tried(mutant: Mutant) -> Trial:
        trial = attempt(mutant, tests, scratch)
        progress(str(trial))
        return trial

    with ThreadPoolExecutor(jobs) as pool:
        trials = list(pool.map(tried, chosen))
    while doubtful := unsound(trials):
        progress(f"fails without a mutant: {', '.join(sorted(doubtful))}")
        tests = [test for test in tests if test.name not in doubtful]
        trials = [tried(trial.mutant) if trial.killer in doubtful else trial for trial in trials]
    return trials


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
    run([sys.executable, *arguments, *paths], more={"STATEROOM_CALLERS": str(into)})
    noted: dict[str, Any] = {}
    for path in into.glob("*.json"):
        noted |= json.loads(path.read_text("utf-8"))
    return noted


if __name__ == "__main__":
    sys.exit(main())
