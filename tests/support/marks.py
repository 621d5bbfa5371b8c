"""Which test has which mark: by its place, by the fixtures that it uses, or as it says itself; all others are pure.

`Pure` holds a pure test to it. tests/README.md says what the marks are good for; pyproject.toml registers them.
"""

from __future__ import annotations

import multiprocessing.process
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

MARKS = frozenset({"pure", "emulator", "screen", "speed", "oracle"})
PLACES = {
    "ui": "screen",
    "oracle": "oracle",
    "oracle_sst": "oracle",
    "test_out_of_sync_on_screen.py": "screen",
    "test_house.py": "emulator",  # asks git, and other interpreters for what they import
}
EMULATORS = frozenset({"emulator", "moto_server", "ministack_server"})  # the others are made of these


def mark(item: pytest.Item) -> None:
    """Add the marks that follow from where a test is and what it uses."""
    for name in (item.path.name, item.path.parent.name):
        if name in PLACES:
            item.add_marker(PLACES[name])
    if EMULATORS.intersection(getattr(item, "fixturenames", ())):
        item.add_marker("emulator")
    if not marks_of(item):
        item.add_marker("pure")


def marks_of(item: pytest.Item) -> frozenset[str]:
    """Those of the five that a test has."""
    return MARKS.intersection(marker.name for marker in item.iter_markers())


class Pure:
    """Refuses other processes, connections and moto, and remembers in `escapes` what was tried."""

    def __init__(self) -> None:
        self.escapes: list[str] = []
        self._older = frozenset(threading.enumerate()) - {threading.current_thread()}

    def hold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Close the ways out of this process until the monkeypatch is undone."""
        ways: list[tuple[Any, str, str]] = [
            (subprocess.Popen, "__init__", "start a program"),
            (multiprocessing.process.BaseProcess, "start", "start a process"),
            (os, "fork", "fork"),
            (socket.socket, "connect", "connect"),
            (socket.socket, "connect_ex", "connect"),
        ]
        if moto := sys.modules.get("moto.core.models"):
            ways.append((moto.MockAWS, "start", "use moto"))
        for owner, name, what in ways:
            monkeypatch.setattr(owner, name, self._refusing(what, getattr(owner, name)))

    def _refusing(self, what: str, way: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*arguments: Any, **options: Any) -> Any:
            # What a thread does that an earlier test has left behind is not this test's.
            if threading.current_thread() in self._older:
                return way(*arguments, **options)
            self.escapes.append(what)
            raise AssertionError(f"a pure test may not {what}; mark it, see tests/README.md")

        return refuse
