"""Runs a command and takes its whole process group down when standard input closes.

The pytest process holds the other end of that pipe. Whatever becomes of it (done, interrupted, SIGKILL), the pipe
closes and no server stays behind. Usage: `python leash.py COMMAND ARGUMENT…`
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Start the command in our own group, then wait for its end or for the end of the pipe."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
