"""What is said when a command does not end well, and with which exit code."""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from stateroom.commands.console import Console
from stateroom.commands.context import make_console
from stateroom.commands.environment import ProcessEnvironment
from stateroom.commands.termination import stopped_code
from stateroom.errors import CloudError, OutputError, StateroomError, UsageError
from stateroom.presentation.accidents import accident
from stateroom.presentation.text import plain

FAILED, USAGE, PIPE_CLOSED = 1, 64, 141
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|PRIVATE|CREDENTIAL|KEY", re.IGNORECASE)
# Long runs of letters, digits and base64's signs: keys, tokens, signatures. A word of a message is never that long.
_SECRET_SHAPE = re.compile(r"[A-Za-z0-9+/=_\-]{20,}")


def report(error: BaseException, arguments: Sequence[str], host: ProcessEnvironment | None) -> int:
    """Say on standard error (and with --json on standard output as well) what went wrong; return the exit code."""
    process = host or ProcessEnvironment()
    if isinstance(error, BrokenPipeError):
        _forget_output(process, real=host is None)
        return PIPE_CLOSED
    console = make_console(process, as_json="--json" in arguments, ascii_only="--ascii" in arguments)
    console.live("")
    if stop := _stop_in(error):
        console.complain("stopped")
        return leave(process, stopped_code(stop))
    if isinstance(error, OutputError):
        _forget_output(process, real=host is None)
        console.as_json = False  # there is no other place for it
    if known := error if isinstance(error, StateroomError) else accident(error):
        try:
            code = _tell(console, known)
        except BrokenPipeError:  # nobody reads the JSON; the text on standard error is written by then
            _forget_output(process, real=host is None)
            return PIPE_CLOSED
        _flush_or_forget(process, real=host is None)
        return code
    return _confess(console, error, process)


def _stop_in(error: BaseException) -> KeyboardInterrupt | None:
    """Return the stop that an error is, or that Python or a library has turned into an error of its own."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        if isinstance(cause, StateroomError):  # ours says what it means
            return None
        cause = cause.__cause__
    return cause


def leave(host: ProcessEnvironment, code: int) -> int:
    """Return `code`, or end the process with it when threads stuck in a call would keep it from ending."""
    main = threading.main_thread()
    if any(thread is not main and not thread.daemon for thread in threading.enumerate()):
        host.out.flush()
        host.err.flush()
        host.leave(code)
    return code


def error_json(error: StateroomError) -> dict[str, Any]:
    """`{"type", "what", "why", "todo", "where"}`, and `code` and `operation` for an error of the cloud."""
    document = {
        "type": type(error).__name__,
        "what": error.what,
        "why": error.why,
        "todo": error.todo,
        "where": str(error.where) if error.where else None,
    }
    if isinstance(error, CloudError):
        document |= {"code": error.code, "operation": error.operation}
    return document


def _tell(console: Console, error: StateroomError) -> int:
    first, *rest = error.lines()
    console.complain(f"stateroom: {plain(first)}")
    for line in rest:
        console.complain(f"  {plain(line)}")
    if console.as_json:
        console.json_line({"error": error_json(error)})
    return USAGE if isinstance(error, UsageError) else FAILED


def _confess(console: Console, error: BaseException, host: ProcessEnvironment) -> int:
    name = type(error).__name__
    saved = _save_traceback(error, host.environment, host.now())
    console.complain(f"stateroom: {name}: this is a bug in stateroom; nothing that was finished is lost")
    console.complain(f"  the details are in {saved}" if saved else "  the details could not be saved")
    if console.as_json:
        console.json_line({"error": {"type": name, "what": "a bug in stateroom", "why": "", "todo": "", "where": None}})
    return FAILED


def _save_traceback(error: BaseException, environment: Mapping[str, str], now: datetime) -> Path | None:
    """Write the traceback where only the user can read it: lines of code and scrubbed messages, never local values."""
    base = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    path = Path(base) / "stateroom" / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    text = scrub("".join(traceback.format_exception(error)), environment)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return None
    return path


def scrub(text: str, environment: Mapping[str, str]) -> str:
    """Format a traceback without secrets: neither values of telling variables nor text that looks like a key.

    Lines of frames (indented) are our own code and file names; messages are everything else.
    """
    values = sorted((v for n, v in environment.items() if len(v) > 3 and _SECRET_NAME.search(n)), key=len, reverse=True)
    for value in values:
        text = text.replace(value, "***")
    lines = text.splitlines()
    return "\n".join(line if line.startswith("  ") else _SECRET_SHAPE.sub("***", line) for line in lines) + "\n"


def _flush_or_forget(host: ProcessEnvironment, *, real: bool) -> None:
    """Write what is left of the output; where that cannot be written either, keep Python from trying at exit."""
    try:
        host.out.flush()
    except (OSError, ValueError):
        _forget_output(host, real=real)


def _forget_output(host: ProcessEnvironment, *, real: bool) -> None:
    """Nobody reads our output: keep Python from complaining about that when it flushes at exit."""
    if real:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        host.err.flush()
