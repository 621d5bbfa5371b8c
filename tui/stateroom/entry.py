"""First code of the process. Ctrl-C ends it quietly from here on, while everything else is still being imported."""

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_STOPPED = 130  # exit code of shells: 128 and the signal's number


def main() -> int:
    """Run the command line of the process and return its exit code."""
    quit_on_interrupt()
    from stateroom.cli import main as run

    return run()


def quit_on_interrupt() -> None:
    """Let Ctrl-C end the process at once, until a command listens for itself: nothing has begun that it could break.

    A process that was started with SIGINT ignored, as by nohup, goes on ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _quit)


def _quit(_number: int, _frame: "FrameType | None") -> None:
    os._exit(_STOPPED)  # an exception might be lost in an import, or be printed by what Python calls back
