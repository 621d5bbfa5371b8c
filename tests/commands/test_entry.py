"""Ctrl-C ends the process quietly with 130 from its first line on, whatever is being imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stateroom import entry

# The signal comes while a module is looked for, so that no clock decides. `main` gives the exit code of the script.
_CHILD = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
from stateroom.entry import main
sys.exit(main())
"""
_PROJECT = """service: shop
provider: {name: aws, runtime: python3.12}
resources: {Resources: {Queue: {Type: AWS::SQS::Queue}}}
"""
MOMENTS = (
    "stateroom.cli",
    "argparse",
    "stateroom.commands",
    "stateroom.commands.status",
    "stateroom.commands.context",
    "stateroom.engine.options",
    "stateroom.model.diff",
    "dataclasses",
)
LATER = ("yaml", "stateroom.engine.cockpit", "stateroom.config.compiler")  # the command listens by then


def interrupted(module: str, directory: Path) -> subprocess.CompletedProcess[str]:
    (directory / "serverless.yml").write_text(_PROJECT)
    environment = {**os.environ, "HOME": str(directory), "AWS_CONFIG_FILE": "none"}
    line = [sys.executable, "-c", _CHILD.format(module=module), "status", "--offline", "--home", "local"]
    return subprocess.run(line, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.emulator
@pytest.mark.parametrize("module", MOMENTS)
def test_an_interrupt_while_the_program_is_imported_ends_it_quietly(module: str, tmp_path: Path) -> None:
    done = interrupted(module, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.emulator
@pytest.mark.parametrize("module", LATER)
def test_an_interrupt_while_a_command_loads_what_it_needs_says_that_it_was_stopped(module: str, tmp_path: Path) -> None:
    done = interrupted(module, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped\n")


@pytest.mark.emulator
def test_the_module_is_the_program_too(tmp_path: Path) -> None:
    """`python -m stateroom` begins with the same line."""
    code = (
        "import runpy, sys; sys.argv = ['stateroom', '--version']; runpy.run_module('stateroom', run_name='__main__')"
    )
    child = _CHILD.format(module="stateroom.cli").rpartition("from stateroom.entry")[0] + code
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.emulator
def test_the_entry_imports_nothing_else() -> None:
    code = (
        "import os, signal, sys; before = set(sys.modules); import stateroom.entry; print(*set(sys.modules) - before)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(shown.split()) == {"stateroom", "stateroom.entry"}


def test_a_process_that_ignores_interrupts_goes_on_ignoring_them() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        entry.quit_on_interrupt()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
