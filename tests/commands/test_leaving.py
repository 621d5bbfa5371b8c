"""The end of a process: nothing that is owed is lost, and no time goes into giving back memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.emulator  # each test starts a program


def ended(body: str) -> subprocess.CompletedProcess[str]:
    code = f"from stateroom.entry import leave\n{body}\n"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_the_exit_code_is_the_programs_and_what_was_written_arrives() -> None:
    done = ended("import sys; sys.stdout.write('out'); sys.stderr.write('err'); leave(64)")
    assert (done.returncode, done.stdout, done.stderr) == (64, "out", "err")


def test_what_was_registered_for_the_end_runs() -> None:
    done = ended("import atexit; atexit.register(print, 'tidied'); leave(0)")
    assert (done.returncode, done.stdout) == (0, "tidied\n")


def test_threads_that_are_waited_for_end_first_and_idle_pools_are_told_to() -> None:
    done = ended(
        "import threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(2); pool.submit(int).result()\n"
        "go = threading.Event()\n"
        "threading.Thread(target=lambda: (go.wait(), print('last words'))).start()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "go.set(); leave(1)"
    )
    assert (done.returncode, done.stdout) == (1, "last words\n")


def test_a_reader_that_has_gone_changes_nothing() -> None:
    done = ended("import os, sys; os.close(1); leave(0)")
    assert (done.returncode, done.stderr) == (0, "")
    assert ended("import sys; sys.stdout = sys.stderr = None; leave(3)").returncode == 3


def test_objects_are_not_given_back_one_by_one() -> None:
    done = ended("class Kept:\n    def __del__(self): print('walked')\nkept = Kept(); leave(0)")
    assert done.stdout == ""
