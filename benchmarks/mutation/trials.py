"""Try mutants: choose the tests that could notice one, run them on it, and doubt those that fail without it, too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from mutation.mutants import Mutant

HERE: Final = Path(__file__).resolve().parents[1]
ROOT: Final = HERE.parent
FIRST: Final = 12  # tests that are tried on a mutant before the others: files that are not collected cost nothing
MOST_TESTS: Final = 200  # of one mutant
MOST_SECONDS: Final = 90.0  # that these tests took when it was learned what they call
PATIENCE: Final = 60.0  # seconds besides ten times that: a loop that does not end is a mutant that was noticed
FAILED: Final = ("FAILED ", "ERROR ")  # how pytest's summary begins the line of a test that did not pass
PASSED, NO_TESTS, NOT_FOUND = 0, 5, 4  # pytest's exit codes


@dataclass(frozen=True, slots=True)
class Test:
    """A test, how long it takes in seconds, and the functions that it calls (`path:line`)."""

    name: str
    seconds: float
    calls: frozenset[str]

    @property
    def file(self) -> str:
        return self.name.split("::", 1)[0]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a mutant. `killer`: the test that failed; "" where none did, or the tests did not come to an end."""

    mutant: Mutant
    killed: bool
    killer: str
    tests: int

    def __str__(self) -> str:
        """Outcome as a line."""
        return f"{'killed  ' if self.killed else 'SURVIVED'} {self.mutant} ({self.killer or f'{self.tests} tests'})"


def noted_tests(noted: Mapping[str, Any]) -> list[Test]:
    """Return what was noted of the tests as data, the fastest first; without those that are gone."""
    names = set(_collected(sorted({name.split("::", 1)[0] for name in noted})))
    tests = [Test(name, test["seconds"], frozenset(test["calls"])) for name, test in noted.items() if name in names]
    return sorted(tests, key=lambda test: test.seconds)


def chosen_tests(path: str, function: int, tests: Sequence[Test]) -> list[Test]:
    """Choose tests that call the function at a line of a module, in the order in which they are to be tried.

    By turns the one that knows the module best, as it calls functions there that few others call, and the fastest of
    another file: what two hundred tests of one file overlook, one of another may see. A function that few tests call
    may run while modules are loaded, where no test is seen to call it; then all that call anything in its module are
    chosen from.
    """
    calling = [test for test in tests if f"{path}:{function}" in test.calls]
    if len(calling) < FIRST:
        calling = [test for test in tests if any(call.startswith(f"{path}:") for call in test.calls)]
    callers = Counter(call for test in calling for call in test.calls if call.startswith(f"{path}:"))
    knows = {test.name: sum(1 / callers[call] for call in test.calls if call in callers) for test in calling}
    best = sorted(calling, key=lambda test: (f"{path}:{function}" not in test.calls, -knows[test.name], test.seconds))
    by_file = groupby(sorted(calling, key=lambda test: (test.file, test.seconds)), lambda test: test.file)
    turns = [(turn, test.seconds, test) for _, group in by_file for turn, test in enumerate(group)]
    widest = [test for _, _, test in sorted(turns, key=lambda item: item[:2])]
    chosen: dict[str, Test] = {}
    spent = 0.0
    for test in (test for pair in zip(best, widest, strict=True) for test in pair):
        if (
            test.name not in chosen
            and len(chosen) < MOST_TESTS
            and (not chosen or spent + test.seconds <= MOST_SECONDS)
        ):
            chosen[test.name] = test
            spent += test.seconds
    return list(chosen.values())


def attempt(mutant: Mutant, tests: Sequence[Test], scratch: Path) -> Trial:
    """Run the tests that call the function at fault until one fails: a few first, as most mutants need no more."""
    source = scratch / f"{abs(hash(str(mutant)))}.py"
    source.write_text(mutant.source, "utf-8")
    module = mutant.path.removeprefix("tui/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    command = (sys.executable, "-m", "mutation.child", module, str(source), *_quietly("-x"))
    chosen = chosen_tests(mutant.path, mutant.function, tests)
    for some in filter(None, (chosen[:FIRST], chosen[FIRST:])):
        names = [test.name for test in sorted(some, key=lambda test: test.seconds)]
        code, out = run([*command, *names], PATIENCE + 10 * sum(test.seconds for test in some))
        if code not in (PASSED, NO_TESTS, NOT_FOUND):
            killer = next((name for name in _failed(out) if name in names), "")
            return Trial(mutant, killed=True, killer=killer, tests=len(chosen))
    return Trial(mutant, killed=False, killer="", tests=len(chosen))


def unsound(trials: Sequence[Trial]) -> frozenset[str]:
    """Run the tests that killed mutants once without any; returns those that fail all the same."""
    killers = sorted({trial.killer for trial in trials if trial.killer})
    return (
        frozenset(_failed(run([sys.executable, "-m", "pytest", *_quietly(), *killers])[1])) if killers else frozenset()
    )


def run(
    command: Sequence[str], patience: float | None = None, more: Mapping[str, str] | None = None
) -> tuple[int | None, str]:
    """Run a program and all that it starts.

    Returns its exit code, None when it took longer than `patience` seconds, and what it wrote.
    """
    path = os.pathsep.join((str(HERE), str(ROOT / "tui")))
    with tempfile.TemporaryDirectory() as home:
        out = Path(home, "out")
        variables = {**os.environ, "PYTHONPATH": path, "TMPDIR": home, "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
        with out.open("wb") as stream:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        return code, out.read_text("utf-8", "replace")


def _quietly(*options: str) -> tuple[str, ...]:
    return ("-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", *options)


def _collected(files: Sequence[str]) -> list[str]:
    there = [name for name in files if (ROOT / name).exists()]
    return run([sys.executable, "-m", "pytest", "--collect-only", "-q", *there])[1].splitlines() if there else []


def _failed(out: str) -> list[str]:
    """Return the tests that pytest's summary says did not pass: `FAILED name - why`."""
    lines = [line for line in out.splitlines() if line.startswith(FAILED)]
    return [line.split(" ", 1)[1].split(" - ", 1)[0] for line in lines]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process's group: a mutant may have left emulators behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
