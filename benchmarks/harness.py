"""What every benchmark shares: rounds that alternate, medians, budgets, one table, one way to start things.

Times are compared as ratios measured side by side in one run, because a number of seconds says as much about the
machine and its neighbours as about the program. The contestants take turns, and each round starts with the other one.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tui"))  # the checkout's own code, whether or not it is installed
STATEROOM = (sys.executable, "-m", "stateroom")

T = TypeVar("T")
Sample = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit: `kind` is "x" (ours / peer), "+" (ours - peer) or "abs" (ours alone)."""

    kind: str
    limit: float

    def used(self, ours: float, peer: float | None) -> float | None:
        """Compute what counts against the limit, in the unit of `kind`; None when there is no peer to compare with."""
        if self.kind == "abs":
            return ours
        if peer is None:
            return None
        return ours / peer if self.kind == "x" else ours - peer

    def text(self, unit: str) -> str:
        """As the table shows it. Limits under 1 are fractions of a slow peer."""
        if self.kind == "x":
            return f"≤ 1/{1 / self.limit:g} ×" if self.limit < 1 else f"≤ {self.limit:g} ×"
        return f"≤ {'+' if self.kind == '+' else ''}{_number(self.limit, unit)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `peer` None: nothing to compare with."""

    what: str
    ours: float
    peer: float | None = None
    budget: Budget | None = None
    unit: str = "s"  # "s", "MB" or ""
    peer_name: str = ""

    @property
    def ratio(self) -> float | None:
        """ours / peer."""
        return self.ours / self.peer if self.peer else None

    @property
    def held(self) -> bool | None:
        """Whether the budget holds; None when there is none, or nothing to compare with."""
        used = self.budget.used(self.ours, self.peer) if self.budget else None
        return None if used is None or self.budget is None else used <= self.budget.limit

    def cells(self) -> tuple[str, ...]:
        """Format the line's cells."""
        peer = "–" if self.peer is None else f"{_number(self.peer, self.unit)} {self.peer_name}".rstrip()
        held = {True: "held", False: "MISSED", None: "–"}[self.held]
        budget = self.budget.text(self.unit) if self.budget else "–"
        return (self.what, _number(self.ours, self.unit), peer, _times(self.ratio), budget, held)


@dataclass(slots=True)
class Report:
    """A benchmark's results."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Title, lines and notes as text."""
        lines = [("what", "ours", "peer", "ratio", "budget", ""), *(row.cells() for row in self.rows)]
        widths = [max(len(line[index]) for line in lines) for index in range(6)]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
        return "\n".join([self.title, *text, *(f"note: {note}" for note in self.notes)])

    def json(self) -> str:
        """Convert to JSON for programs; times in seconds, memory in MB."""
        rows = [asdict(row) | {"ratio": row.ratio, "held": row.held} for row in self.rows]
        return json.dumps({"title": self.title, "rows": rows, "notes": self.notes}, ensure_ascii=False)


def parser(text: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """Build the parser of the options of every benchmark; `rounds` is their default."""
    result = argparse.ArgumentParser(description=(text or "").split("\n\n")[0], allow_abbrev=False)
    result.add_argument("--rounds", type=int, default=rounds, metavar="N", help=f"default {rounds}")
    result.add_argument("--quick", action="store_true", help="smaller, fewer rounds: to see that it runs")
    result.add_argument("--no-peers", action="store_true", help="measure only stateroom")
    result.add_argument("--json", action="store_true", help="JSON on standard output")
    result.add_argument("--check", action="store_true", help="exit 1 when a budget is missed")
    return result


def finish(report: Report, options: argparse.Namespace) -> int:
    """Print the report; the exit code."""
    print(report.json() if options.json else report.table(), flush=True)
    return 1 if options.check and any(row.held is False for row in report.rows) else 0


def alternate(rounds: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Let the contestants take turns; each round begins with the one that ended the last."""
    results: dict[str, list[T]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(rounds):
        for name in order:
            results[name].append(contestants[name]())
        order.reverse()
    return results


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    """Of each measurement, the middle one."""
    return {name: median([sample[name] for sample in samples]) for name in samples[0]}


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes. What earlier work left to collect is collected before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def progress(text: str) -> None:
    """One line for whoever waits, apart from the results."""
    print(f"… {text}", file=sys.stderr, flush=True)


def clean_environment(**more: str) -> dict[str, str]:
    """Build an environment that passes PATH and the home directory to the measured programs, and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT / "tui"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nobody listens there
        "NO_PROXY": "*",
        "STATEROOM_HOME": "local",
        "STATEROOM_PASSPHRASE": "benchmark",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    } | more


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Run with exactly these variables in this process."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _number(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:.0f} {unit}".rstrip()


def _times(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return f"1/{1 / ratio:.3g} ×" if ratio < 0.5 else f"{ratio:.2f} ×"
