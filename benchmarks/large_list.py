"""10,000 resources on screen: opened, filtered, cleared, and what that holds in memory; against tftui 0.14.1.

Both run on a pseudo-terminal of 160x48 and open a state of so many resources; neither has a config to read beyond one
resource (tftui reads none), and the cloud cannot be reached. "ready": the first rows can be read. "survey done":
stateroom has also compiled the config and tried the cloud, which has no counterpart in tftui; keys are pressed after
that, and once right after "ready". "full" is the same with a serverless.yml that wants all of the resources.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import STATEROOM, Budget, Report, Row, alternate, clean_environment, finish, medians, parser, progress
from project import write_project
from terminal import Screen, Terminal
from terraform import Terraform, find_terraform

SIZE = (160, 48)
BUDGETS = {
    "ready": Budget("x", 1 / 8),
    "first filter key": Budget("x", 1 / 12),
    "whole filter": None,
    "filter cleared": Budget("x", 1 / 15),
    "memory": Budget("x", 1),
}
OWN = ("first filter key, survey running", "survey done", "memory, survey done")
FULL = ("ready", *OWN)


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one of the two, and how to see what it is doing."""

    command: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    placeholder: str  # what its empty filter line says
    filtering: Callable[[str], bool]  # whether the screen's text shows that keys go to the filter line
    busy: tuple[str, ...] = ()  # words on the screen while it still reads


def main() -> int:
    parse = parser(__doc__, rounds=5)
    parse.add_argument("--size", type=int, default=0, metavar="N", help="resources; default 10,000, --quick 500")
    parse.add_argument("--tftui", metavar="PATH", help="tftui's program; by default it is installed in a scratch venv")
    options = parse.parse_args()
    size = options.size or (500 if options.quick else 10_000)
    rounds = 1 if options.quick else options.rounds
    report = Report(f"{size} resources on a {SIZE[0]}x{SIZE[1]} screen, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch:
        progress(f"writing a project of {size} resources")
        ours = _stateroom(Path(scratch) / "state", size, 1)
        full = _stateroom(Path(scratch) / "full", size, size)
        contestants: dict[str, Callable[[], dict[str, float]]] = {
            "stateroom": lambda: watch(ours, size),
            "full": lambda: watch(full, size),
        }
        peer = None if options.no_peers else tftui(options, Path(scratch), size, report)
        if peer:
            contestants["tftui"] = lambda: watch(peer, size)
        alternate(1, contestants)
        found = {name: medians(samples) for name, samples in alternate(rounds, contestants).items()}
    theirs = found.get("tftui", {})
    for what, budget in BUDGETS.items():
        report.rows.append(_row(what, found["stateroom"][what], theirs.get(what), budget))
    report.rows += _rows(found["stateroom"], OWN)
    report.rows += [Row(f"full: {row.what}", row.ours, unit=row.unit) for row in _rows(found["full"], FULL)]
    return finish(report, options)


def _stateroom(directory: Path, size: int, wanted_now: int) -> Program:
    write_project(directory, size, wanted_now=wanted_now)
    return Program(
        (*STATEROOM, "--no-mouse", "."),
        directory,
        clean_environment(),
        placeholder="words  ~",
        filtering=lambda text: "words  ~" in text,
        busy=("reading",),
    )


def _rows(found: Mapping[str, float], names: Sequence[str]) -> list[Row]:
    return [_row(what, found[what], None, None) for what in names]


def _row(what: str, ours: float, peer: float | None, budget: Budget | None) -> Row:
    unit = "MB" if what.startswith("memory") else "s"
    return Row(what, ours, peer, budget, unit, "" if peer is None else "tftui")


def watch(program: Program, size: int) -> dict[str, float]:
    """Open, filter for ten of the resources, clear; seconds, and MB."""
    found: dict[str, float] = {}
    first, prefix = "Queue00000", f"Queue{size // 20:04d}"
    neighbour = f"Queue{size // 20 * 10 - 1:05d}"  # beside the matches: rows come back around the cursor, or at the top
    with Terminal(program.command, size=SIZE, environment=program.environment, cwd=program.cwd) as terminal:
        found["ready"] = terminal.wait_for(lambda screen: first in screen.text, timeout=120, what="rows")
        found["memory"] = terminal.memory()
        if program.busy:
            _open_filter(terminal, program)
            found["first filter key, survey running"] = _type(terminal, "Q", _typed(program))
            _type(terminal, "\x15", lambda screen: program.placeholder in screen.text)
            found["survey done"] = _wait_until_idle(terminal, program, found["ready"])
            found["memory, survey done"] = terminal.memory()
        else:
            terminal.settle(0.3)
            _open_filter(terminal, program)
        found["first filter key"] = _type(terminal, prefix[0], _typed(program))
        found["whole filter"] = _type(
            terminal, prefix[1:], lambda screen: f"{prefix}0" in screen.text and first not in screen.text
        )
        found["filter cleared"] = _type(
            terminal, "\x15", lambda screen: first in screen.text or neighbour in screen.text
        )
    return found


def _open_filter(terminal: Terminal, program: Program) -> None:
    terminal.settle(0.1, at_most=0.5)
    _type(terminal, "/", lambda screen: program.filtering(screen.text))
    terminal.settle(0.1, at_most=0.5)


def _type(terminal: Terminal, keys: str, seen: Callable[[Screen], bool]) -> float:
    terminal.settle(0.05, at_most=0.3)
    terminal.send(keys)
    return terminal.wait_for(seen, timeout=120, what=f"after {keys!r}")


def _typed(program: Program) -> Callable[[Screen], bool]:
    return lambda screen: program.placeholder not in screen.text


def _wait_until_idle(terminal: Terminal, program: Program, already: float) -> float:
    """Seconds from the start until none of the busy words is on the screen."""
    start = terminal.opened

    def idle(screen: Screen) -> bool:
        return not any(word in screen.text.partition("\n")[0] for word in program.busy)

    if idle(terminal.screen):
        return already
    terminal.started = start
    return terminal.wait_for(idle, timeout=180, what="the end of the survey")


def tftui(options: Namespace, scratch: Path, size: int, report: Report) -> Program | None:
    """tftui on a terraform state of as many resources; None, and a note, when it cannot be had."""
    terraform = find_terraform()
    if not terraform:
        report.notes.append("terraform is not on PATH, and tftui needs it: nothing to compare with")
        return None
    program = options.tftui
    if not program:
        progress("installing tftui in a scratch virtual environment")
        venv = scratch / "tftui"
        try:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
            subprocess.run([venv / "bin/pip", "install", "-q", "tftui==0.14.1"], check=True, capture_output=True)
        except subprocess.CalledProcessError:
            report.notes.append("tftui cannot be installed here (--tftui PATH names one): nothing to compare with")
            return None
        program = str(venv / "bin/tftui")
    progress(f"writing a terraform state of {size} resources")
    state = Terraform(terraform, scratch / "terraform", size)
    return Program(
        (program, "-n", "-o"),  # no `terraform init`, no telemetry
        state.directory,
        state.environment,
        placeholder="Filter resources",
        filtering=lambda text: "Quit" not in text,  # its footer then has other keys
    )


if __name__ == "__main__":
    raise SystemExit(main())
