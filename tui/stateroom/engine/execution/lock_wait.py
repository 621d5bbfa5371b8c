"""Take a state's lock for an operation: wait while another holds it, break the one of a dead process."""

from __future__ import annotations

import time
from contextlib import ExitStack

from stateroom.engine.execution.run_options import RunOptions
from stateroom.errors import LockedError
from stateroom.model.events import Note
from stateroom.state.home import Home, Update

_POLL = 0.25  # seconds between tries while another operation holds the lock


def enter_lock(held: ExitStack, home: Home, update: Update, service: str, run: RunOptions) -> None:
    """Take the lock, and let go of it when `held` closes.

    Raises:
        LockedError: another operation holds it, longer than `run.wait_for_lock`.
        StateError: the home cannot be asked.
    """
    deadline = time.monotonic() + run.wait_for_lock
    told = False
    while True:
        try:
            held.enter_context(home.lock(update))
        except LockedError as locked:
            if _break_abandoned(home, update, service, run):
                continue
            if time.monotonic() >= deadline or run.control.stopping:
                raise
            if not told:
                run.emit(Note(service, f"waiting: {locked.what}"))
                told = True
            run.sleep(_POLL)
        else:
            return


def _break_abandoned(home: Home, update: Update, service: str, run: RunOptions) -> bool:
    """Break the lock of a killed process; its journal tells how far it came, so nothing is lost."""
    broken = home.locks.break_abandoned(update.app, update.stage)
    if broken is None:
        return home.read_lock(update.app, update.stage) is None  # released in the meantime
    run.emit(Note(service, f"the lock of a process that no longer runs was broken: {broken}"))
    return True
