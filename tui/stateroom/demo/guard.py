"""Run the emulator in a process that cannot outlive its parent.

`python -m stateroom.demo.guard DIR` is started with a pipe as its standard input, as the leader of its own process
group. When the process that holds the other end of the pipe ends, in any way (exit, Ctrl-C, SIGKILL), the kernel closes
the pipe, and the group (emulator and the functions it runs) is killed and DIR removed. A pipe does this on every POSIX
system, where a parent-death signal would be Linux only.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading


def _die_with_the_pipe(directory: str) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    shutil.rmtree(directory, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Watch the pipe from a thread and run the emulator in this one."""
    directory = sys.argv.pop()
    threading.Thread(target=_die_with_the_pipe, args=(directory,), name="guard", daemon=True).start()
    # The emulator parses sys.argv, writes its scratch files to TMPDIR and takes the rest from the environment.
    from ministack.app import main as emulator

    emulator()


if __name__ == "__main__":
    main()
