"""The benchmarks run: tiny sizes, no peers, one round. What they measure is read by people, not checked here."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"

TINY = {
    "startup": ("--quick",),
    "commands": ("--quick",),
    "first_paint": ("--quick",),
    "large_list": ("--quick", "--no-peers", "--size", "120"),
    "compile": ("--quick",),
    "diff": ("--quick", "--size", "100"),
    "plan": ("--quick", "--no-peers", "--size", "30"),
    "size": ("--quick", "--size", "30"),
    "peers": ("--quick", "--no-peers", "--size", "2"),
    "home_calls": ("--quick",),
    "operations": ("--quick", "--sizes", "2"),
    "refresh_calls": ("--quick", "--size", "2"),
    "mutants": ("--quick", "--jobs", "1"),
}


@functools.cache
def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / f"{name}.py"), *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.speed
@pytest.mark.parametrize("name", TINY)
def test_each_benchmark_measures_something(name: str) -> None:
    done = run(name, "--json", *TINY[name])
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rows"]
    # A count of calls may be none: that is the best there is.
    assert all(row["ours"] > 0 or (row["ours"] == 0 and not row["unit"]) for row in report["rows"])
    assert any(row["ours"] > 0 for row in report["rows"])


def test_every_script_with_a_main_is_run_here_and_named_in_the_readme() -> None:
    scripts = {path.stem for path in BENCHMARKS.glob("*.py") if "def main()" in path.read_text()}
    assert scripts == set(TINY)
    readme = (BENCHMARKS / "README.md").read_text()
    assert {name for name in scripts if f"benchmarks/{name}.py" not in readme} == set()


def harness() -> Any:
    if str(BENCHMARKS) not in sys.path:
        sys.path.append(str(BENCHMARKS))
    import harness as module  # type: ignore[import-not-found]  # a folder of scripts, not of the package

    return module


@pytest.mark.parametrize(
    ("kind", "limit", "ours", "peer", "held"),
    [
        ("x", 6, 0.5, 0.1, True),
        ("x", 1 / 50, 0.5, 10.0, False),
        ("x", 6, 0.5, None, None),
        ("+", 0.03, 0.22, 0.2, True),
        ("+", 0.03, 0.25, 0.2, False),
        ("abs", 0.3, 0.31, 9.0, False),
    ],
)
def test_a_budget_holds_only_within_its_limit(
    kind: str, limit: float, ours: float, peer: float | None, held: bool | None
) -> None:
    module = harness()
    assert module.Row("work", ours, peer, module.Budget(kind, limit)).held is held


def test_check_fails_when_a_budget_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    module = harness()
    report = module.Report("Title", [module.Row("slow work", 2.0, 1.0, module.Budget("x", 1.25), peer_name="peer")])
    options = module.parser("", rounds=1)
    assert module.finish(report, options.parse_args([])) == 0
    assert module.finish(report, options.parse_args(["--check"])) == 1
    assert "MISSED" in capsys.readouterr().out


def test_contestants_take_turns_and_swap_the_first_place() -> None:
    module = harness()
    order: list[str] = []
    module.alternate(2, {"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert order == ["a", "b", "b", "a"]


def test_a_terminal_shows_what_a_program_paints() -> None:
    harness()
    import terminal  # type: ignore[import-not-found]

    screen = terminal.Screen(20, 4)
    screen.feed("\x1b[?1049h\x1b[2;3Hhello\x1b[38;5;1m wor")
    screen.feed("ld\x1b[1;1")
    screen.feed("Htop\x1b[?2026$p")
    assert screen.text.splitlines()[:2] == ["top", "  hello world"]
    assert screen.painted == len("hello worldtop")
    assert screen.queries == ["\x1b[?2026;2$y"]


@pytest.mark.emulator
def test_one_change_and_status_make_no_more_calls_to_an_s3_home_than_they_need() -> None:
    """One pointer, one look, no bucket asked after, one list of journals: the counts do not depend on the machine."""
    report = json.loads(run("home_calls", "--json", "--quick").stdout)
    counts = {row["what"]: row for row in report["rows"] if row["unit"] == ""}
    assert counts["one change: calls to the home"]["ours"] <= 25, report["notes"]
    assert counts["one change: on the path"]["ours"] <= 12, report["notes"]
    assert counts["status: calls to the home"]["ours"] <= 8, report["notes"]
    change, status = report["notes"]
    assert "HeadBucket" not in change + status
    assert "1 s3.GetBucketVersioning" in change, "the plan refuses a bucket without versions"
    assert "GetBucketVersioning" not in status


def test_each_mutant_is_a_module_with_another_meaning() -> None:
    harness()
    from mutation.mutants import mutants  # type: ignore[import-not-found]

    source = (
        "def f(a, b):\n    while a < b and not b:\n        a += 1\n        g(a)\n        break\n    return a == 2\n"
    )
    made = list(mutants("m.py", source))
    assert [f"{mutant.line} {mutant.what}" for mutant in made] == [
        "2 a condition never holds",
        "2 and becomes or",
        "2 Lt becomes LtE",
        "2 not is dropped",
        "3 a is not changed",
        "3 1 becomes 2",
        "4 a call is left out",
        "5 break becomes continue",
        "6 returns None",
        "6 Eq becomes NotEq",
        "6 2 becomes 3",
    ]
    assert len({mutant.source for mutant in made} | {source}) == len(made) + 1
    assert all(compile(mutant.source, "m.py", "exec") for mutant in made)


def test_what_no_test_could_see_is_not_mutated() -> None:
    harness()
    from mutation.mutants import mutants

    unseen = "    for a, b in zip(x, y, strict=True):\n        wait(0.5, read_timeout=60, daemon=True)\n"
    nothing = "    yield from ()\n"
    assert [mutant.what for mutant in mutants("m.py", f"def f(x, y):\n{unseen}{nothing}")] == ["a call is left out"]
