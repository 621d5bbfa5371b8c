"""Pytest plugin: writes which functions of the product each test that passes calls, and how long it takes.

Loaded with `-p mutation.callers`; each worker writes a file into the directory that STATEROOM_CALLERS names.
Functions are named `tui/stateroom/…py:LINE`, by their first line. Work in other processes is not seen.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

_ROOT = f"{Path(__file__).resolve().parents[2]}{os.sep}"
_PRODUCT = f"{_ROOT}tui{os.sep}stateroom{os.sep}"
_called: set[CodeType] = set()
_tests: dict[str, dict[str, Any]] = {}
_failed: set[str] = set()


def _note(frame: FrameType, event: str, _: object) -> None:
    if event == "call":
        _called.add(frame.f_code)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note the calls of one test, its fixtures' included."""
    _called.clear()
    threading.setprofile(_note)
    sys.setprofile(_note)
    started = time.perf_counter()
    try:
        yield
    finally:
        sys.setprofile(None)
        functions = [code for code in list(_called) if code.co_filename.startswith(_PRODUCT)]
        named = sorted({f"{code.co_filename.removeprefix(_ROOT)}:{code.co_firstlineno}" for code in functions})
        _tests[item.nodeid] = {"seconds": time.perf_counter() - started, "calls": named}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a failure: such a test can tell nothing of mutants."""
    if report.failed:
        _failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write what was noted."""
    if _tests:
        path = Path(os.environ["STATEROOM_CALLERS"]) / f"{os.getpid()}.json"
        path.write_text(json.dumps({name: test for name, test in _tests.items() if name not in _failed}), "utf-8")
