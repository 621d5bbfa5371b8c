"""What a command takes from the process it runs in: streams, environment, clock, engine. Tests pass their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from stateroom.engine.requests import Cockpit

if TYPE_CHECKING:
    from stateroom.engine.reset.guided_reset import HomeReset


def _open_workspace(path: Path, settings: Mapping[str, Any]) -> Cockpit:
    from stateroom.engine.cockpit import open_cockpit
    from stateroom.engine.options import WorkspaceOptions

    return open_cockpit(path, WorkspaceOptions(**settings))


def _open_home(path: Path, settings: Mapping[str, Any]) -> HomeReset:
    from stateroom.engine.options import WorkspaceOptions
    from stateroom.engine.reset.guided_reset import HomeReset

    return HomeReset(WorkspaceOptions(**settings), path)


def _open_screen(factory: Callable[[], Cockpit], settings: Mapping[str, Any]) -> int:
    from stateroom.ui.app import run
    from stateroom.ui.options import ScreenOptions

    return run(factory, options=ScreenOptions(**settings))


def _run_demo(arguments: Sequence[str], screen: Callable[[Callable[[], Cockpit]], int], out: TextIO) -> int:
    from stateroom.demo.command import main

    return main(arguments, screen=screen, out=out)


@dataclass(frozen=True, slots=True)
class ProcessEnvironment:
    """Everything outside a command. The defaults are the process's own.

    `open_workspace` and `open_home` get the fields of `WorkspaceOptions`, `open_screen` those of `ScreenOptions`.
    `leave` ends the process without waiting for threads that are stuck in an API call.
    """

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    input: TextIO = field(default_factory=lambda: sys.stdin)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    open_workspace: Callable[[Path, Mapping[str, Any]], Cockpit] = _open_workspace
    open_home: Callable[[Path, Mapping[str, Any]], HomeReset] = _open_home
    open_screen: Callable[[Callable[[], Cockpit], Mapping[str, Any]], int] = _open_screen
    run_demo: Callable[[Sequence[str], Callable[[Callable[[], Cockpit]], int], TextIO], int] = _run_demo
    leave: Callable[[int], object] = os._exit
