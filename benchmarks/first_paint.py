"""How soon the screen has something on it, against an empty Textual application of the same size.

Both are started on a pseudo-terminal. "text" is the first character painted; "frame" is the first complete screen:
title and keys for stateroom, the one line of text for the empty application. "CPU time" is what the process has used
by then: nearly all of it is one thread's, so it is the time on the clock of a machine that has nothing else to do. The
project is the demo's sample, never deployed, and the cloud cannot be reached: neither may matter.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness import STATEROOM, Budget, Report, Row, alternate, clean_environment, finish, medians, parser
from terminal import Terminal

BUDGET = Budget("+", 0.030)
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("EMPTY")
Empty().run()
"""
SIZES = ((120, 40), (200, 60))


def main() -> int:
    options = parser(__doc__, rounds=15).parse_args()
    rounds = 2 if options.quick else options.rounds
    report = Report(f"First paint, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch:
        project = _sample(Path(scratch))
        for size in SIZES[:1] if options.quick else SIZES:
            contestants = {
                "stateroom": painting_of(
                    (*STATEROOM, "--no-mouse", "."), ("Resources", "Diff", "filter"), size, project
                ),
                "empty": painting_of((sys.executable, "-c", EMPTY), ("EMPTY",), size, project),
            }
            alternate(1, contestants)
            found = {name: medians(samples) for name, samples in alternate(rounds, contestants).items()}
            for event in ("text", "frame", "frame, CPU time"):
                ours, peer = found["stateroom"][event], found["empty"][event]
                what = f"first {event} at {size[0]}x{size[1]}"
                report.rows.append(Row(what, ours, peer, BUDGET, peer_name="empty Textual app"))
    return finish(report, options)


def _sample(scratch: Path) -> Path:
    from stateroom.demo.sandbox import sandbox

    with sandbox("http://127.0.0.1:9", keep=scratch / "shop") as place:
        return place.project


def painting_of(
    command: Sequence[str], frame: Sequence[str], size: tuple[int, int], cwd: Path
) -> Callable[[], dict[str, float]]:
    """Start the command; return the seconds until the first text, and until every word of `frame` could be read."""
    variables = clean_environment()

    def paint() -> dict[str, float]:
        with Terminal(command, size=size, environment=variables, cwd=cwd) as terminal:
            text = terminal.wait_for(lambda screen: screen.painted > 0, timeout=60, what="first text")
            whole = (
                text
                if _all(frame, terminal.screen.text)
                else terminal.wait_for(lambda screen: _all(frame, screen.text), timeout=60, what="first frame")
            )
            return {"text": text, "frame": whole, "frame, CPU time": terminal.cpu()}

    return paint


def _all(words: Sequence[str], text: str) -> bool:
    return all(word in text for word in words)


if __name__ == "__main__":
    raise SystemExit(main())
