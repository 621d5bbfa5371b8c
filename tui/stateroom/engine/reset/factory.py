"""Open the reset of a home: its bootstrap, and an unfinished reset to continue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from stateroom.engine.opening.factory import holder
from stateroom.engine.reset.progress_file import unfinished
from stateroom.engine.reset.runner import Reset
from stateroom.engine.reset.steps import Tell
from stateroom.state.homes.bootstrap import Bootstrap


def open_reset(
    bootstrap: Bootstrap, environment: Mapping[str, str], tell: Tell, clock: Callable[[], datetime], backup: str = ""
) -> Reset:
    """Open a new reset, or the unfinished one. Changes nothing.

    Args:
        bootstrap: of the home (engine.reset.bootstrap_factory.open_premises).
        environment: XDG_STATE_HOME or HOME say where backups are kept.
        tell: told of each step and of each thing that is done, from many threads.
        clock: now, UTC.
        backup: the directory of the backup; "" for the one of an unfinished reset, or a new one.

    Raises:
        StateError: the notes of an unfinished reset cannot be read.
    """
    directory = find_unfinished(bootstrap, environment, backup)
    who = holder()
    return Reset(
        bootstrap,
        directory or backups(environment) / f"{bootstrap.name}-{clock():%Y%m%dT%H%M%S}",
        tell,
        clock,
        f"{who.user}@{who.host}",
    )


def find_unfinished(bootstrap: Bootstrap, environment: Mapping[str, str], backup: str = "") -> Path | None:
    """Find the backup directory that was named, or the one of a reset that was not finished. Raises StateError."""
    return Path(backup) if backup else unfinished(backups(environment), bootstrap.name)


def backups(environment: Mapping[str, str]) -> Path:
    """Return the default directory of backups: in the user's state directory."""
    state = environment.get("XDG_STATE_HOME") or f"{environment.get('HOME', '.')}/.local/state"
    return Path(state) / "stateroom" / "resets"
