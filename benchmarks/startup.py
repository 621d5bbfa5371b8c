"""How fast `stateroom --help` and `--version` answer, against a bare `python -c pass`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

from harness import ROOT, STATEROOM, Budget, Report, Row, alternate, clean_environment, finish, median, parser, seconds

BUDGET = Budget("x", 6)
BUDGETED = ("--help", "--version")


def main() -> int:
    options = parser(__doc__, rounds=21).parse_args()
    rounds = 3 if options.quick else options.rounds
    contestants = {
        "bare": run_of((sys.executable, "-c", "pass")),
        "--help": run_of((*STATEROOM, "--help")),
        "--version": run_of((*STATEROOM, "--version")),
        "deploy --help": run_of((*STATEROOM, "deploy", "--help")),
    }
    alternate(1, contestants)  # compiles what is not compiled yet
    times = {name: median(found) for name, found in alternate(rounds, contestants).items()}
    bare = times.pop("bare")
    rows = [
        Row(f"stateroom {name}", time, bare, BUDGET if name in BUDGETED else None, peer_name="python -c pass")
        for name, time in times.items()
    ]
    return finish(Report(f"Start-up, medians of {rounds} rounds", rows), options)


def run_of(command: Sequence[str]) -> Callable[[], float]:
    """Run the command to its end and return the seconds."""
    variables = clean_environment()

    def run() -> float:
        return seconds(lambda: subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, check=True))

    return run


if __name__ == "__main__":
    raise SystemExit(main())
