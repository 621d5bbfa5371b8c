"""Whether whoever holds a lock can still be at work."""

from __future__ import annotations

import os
import socket

from stateroom.model.version import Lock


def is_abandoned(lock: Lock) -> bool:
    """The lock was taken on this machine by a process that no longer runs. Of other machines nothing can be said."""
    return lock.holder.host == socket.gethostname() and not _runs(lock.holder.pid)


def _runs(pid: int) -> bool:
    if pid <= 0:
        return True  # nobody's process id: do not conclude anything from it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it runs, under another user
    return True
