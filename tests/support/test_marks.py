"""Every test has a mark, and a pure one stays in its process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.marks import MARKS, Pure, marks_of


def test_every_test_has_a_mark_and_every_mark_is_registered(request: pytest.FixtureRequest) -> None:
    assert [item.nodeid for item in request.session.items if not marks_of(item)] == []
    registered = {line.partition(":")[0] for line in request.config.getini("markers")}
    assert registered >= MARKS


def test_pure_goes_with_no_other_mark(request: pytest.FixtureRequest) -> None:
    assert [item.nodeid for item in request.session.items if {"pure"} < marks_of(item)] == []


@pytest.mark.parametrize(
    ("what", "attempt"),
    [
        ("start a program", lambda: subprocess.run([sys.executable, "-V"], check=False)),
        ("fork", lambda: os.fork()),
        ("connect", lambda: socket.create_connection(("127.0.0.1", 9))),
    ],
)
def test_a_pure_test_that_leaves_its_process_fails(what: str, attempt: Callable[[], object], stays_pure: Pure) -> None:
    with pytest.raises(AssertionError, match=f"may not {what}"):
        attempt()
    assert stays_pure.escapes == [what]
    stays_pure.escapes.clear()
