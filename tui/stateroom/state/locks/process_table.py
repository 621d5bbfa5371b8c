"""Place that this process runs in, and whether another process of the same place still runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from stateroom.model.version import Holder

GONE: Final = ""
UNKNOWN: Final = "unknown"
_START_TIME: Final = 22  # field of /proc/<pid>/stat, proc_pid_stat(5): clock ticks after the boot


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """Processes of one place: one boot of one machine, and there one pid namespace.

    Args:
        root: where `etc` and `proc` are.
        send: sends a signal, as `os.kill` does.
    """

    root: Path = Path("/")
    send: Callable[[int, int], None] = os.kill

    def placed(self, holder: Holder) -> Holder:
        """Return the holder with the place and the start time of its process; what cannot be told stays empty.

        Everything is empty where `/proc` is missing (macOS) or shows another pid namespace than this process's own.
        """
        if self._link("proc/self") != str(holder.pid):
            return holder
        return replace(
            holder,
            machine=_hidden(self._text("etc/machine-id")),
            boot=self._text("proc/sys/kernel/random/boot_id"),
            namespace=self._link("proc/self/ns/pid"),
            started=self._start_time(holder.pid),
        )

    def started(self, pid: int) -> str:
        """Return the start time of a process of this place, as the machine counts; GONE: none; UNKNOWN: hidden."""
        try:
            self.send(pid, 0)
        except ProcessLookupError:
            return GONE
        except (OSError, OverflowError):
            pass  # it is there, and somebody else's
        return self._start_time(pid) or UNKNOWN

    def _start_time(self, pid: int) -> str:
        fields = self._text(f"proc/{pid}/stat").rpartition(")")[2].split()  # a program's name may hold anything
        return fields[_START_TIME - 3] if len(fields) > _START_TIME - 3 else ""

    def _text(self, path: str) -> str:
        try:
            return (self.root / path).read_text(errors="replace").strip()
        except OSError:
            return ""

    def _link(self, path: str) -> str:
        try:
            return str((self.root / path).readlink())
        except OSError:
            return ""


def is_gone(held: Holder, here: Holder, processes: ProcessTable) -> bool:
    """Tell whether it is certain that the process of a holder has ended: it ran exactly here, and is no more.

    A number that belongs to a process with another start time was given out again.
    """
    place = _place(held)
    if held.pid <= 0 or not held.started or not all(place) or place != _place(here):
        return False
    return processes.started(held.pid) not in (held.started, UNKNOWN)


def _place(holder: Holder) -> tuple[str, str, str, str]:
    return holder.host, holder.machine, holder.boot, holder.namespace


def _hidden(machine: str) -> str:
    """Hash the machine's id with a key, as machine-id(5) asks for: the id itself is private."""
    return hashlib.sha256(f"stateroom {machine}".encode()).hexdigest()[:32] if machine else ""
