"""First and last code of the process: Ctrl-C ends it quietly while all else is imported, and its end takes no time."""

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_STOPPED = 130  # exit code of shells: 128 and the signal's number


def main() -> None:
    """Run the command line of the process and end it with the exit code."""
    quit_on_interrupt()
    from stateroom.cli import main as run

    leave(run())


def leave(code: int) -> None:
    """End the process as Python does, but for giving back its memory piece by piece.

    A project of 10,000 resources is a million objects: to walk and free them took half of a command's time, and the
    system takes all of it back at once. Threads that must end are waited for, what is registered with atexit runs, and
    the streams are flushed. The order is Python's own (multiprocessing ends its children in the same way).
    """
    import atexit
    import sys
    import threading

    threading._shutdown()  # type: ignore[attr-defined]  # pools of threads are told to end; there is no public name
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # started without it, closed, or nobody reads it any more
            continue
    os._exit(code)


def quit_on_interrupt() -> None:
    """Let Ctrl-C end the process at once, until a command listens for itself: nothing has begun that it could break.

    A process that was started with SIGINT ignored, as by nohup, goes on ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _quit)


def _quit(_number: int, _frame: "FrameType | None") -> None:
    os._exit(_STOPPED)  # an exception might be lost in an import, or be printed by what Python calls back
