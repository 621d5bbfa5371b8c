"""Which test has which mark: by its place, by the fixtures that it uses, or as it says itself; all others are pure.

`Pure` holds a pure test to it. tests/README.md says what the marks are good for; pyproject.toml registers them.
"""

from __future__ import annotations

import multiprocessing.process
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

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

    def hold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Close the ways out of this process until the monkeypatch is undone."""
        monkeypatch.setattr(subprocess.Popen, "__init__", self._refusing("start a program"))
        monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", self._refusing("start a process"))
        monkeypatch.setattr(os, "fork", self._refusing("fork"))
        monkeypatch.setattr(socket.socket, "connect", self._refusing("connect"))
        monkeypatch.setattr(socket.socket, "connect_ex", self._refusing("connect"))
        if moto := sys.modules.get("moto.core.models"):
            monkeypatch.setattr(moto.MockAWS, "start", self._refusing("use moto"))

    def _refusing(self, what: str) -> Callable[..., NoReturn]:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            self.escapes.append(what)
            raise AssertionError(f"a pure test may not {what}; mark it, see tests/README.md")

        return refuse
