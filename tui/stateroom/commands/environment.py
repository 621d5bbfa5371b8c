"""What a command takes from the process it runs in: streams, environment, clock, engine. Tests pass their own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit

if TYPE_CHECKING:
    from stateroom.engine.reset.guided_reset import HomeReset
    from stateroom.ui.options import ScreenOptions


def _open_cockpit(path: Path, options: WorkspaceOptions) -> Cockpit:
    from stateroom.engine.cockpit import open_cockpit

    return open_cockpit(path, options)


def _open_home(path: Path, options: WorkspaceOptions) -> HomeReset:
    from stateroom.engine.reset.guided_reset import HomeReset

    return HomeReset(options, path)


def _open_screen(factory: Callable[[], Cockpit], options: ScreenOptions) -> int:
    from stateroom.ui.app import run

    return run(factory, options=options)


def _run_demo(arguments: Sequence[str], screen: Callable[[Callable[[], Cockpit]], int], out: TextIO) -> int:
    from stateroom.demo.command import main

    return main(arguments, screen=screen, out=out)


def _open(stream: TextIO | None) -> TextIO:
    """Return a stream of the process; an empty one in place of a stream that it was started without (`>&-`)."""
    return stream if stream is not None else io.StringIO()


@dataclass(frozen=True, slots=True)
class ProcessEnvironment:
    """Everything outside a command. The defaults are the process's own.

    `leave` ends the process without waiting for threads that are stuck in an API call.
    """

    out: TextIO = field(default_factory=lambda: _open(sys.stdout))
    err: TextIO = field(default_factory=lambda: _open(sys.stderr))
    input: TextIO = field(default_factory=lambda: _open(sys.stdin))
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    open_cockpit: Callable[[Path, WorkspaceOptions], Cockpit] = _open_cockpit
    open_home: Callable[[Path, WorkspaceOptions], HomeReset] = _open_home
    open_screen: Callable[[Callable[[], Cockpit], ScreenOptions], int] = _open_screen
    run_demo: Callable[[Sequence[str], Callable[[Callable[[], Cockpit]], int], TextIO], int] = _run_demo
    leave: Callable[[int], object] = os._exit
