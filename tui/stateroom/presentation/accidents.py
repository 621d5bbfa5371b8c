"""Accidents of the user's machine as errors that people read: what happened, to which thing, and what to do."""

from __future__ import annotations

import os
from pathlib import Path

from stateroom.errors import StateroomError
from stateroom.model.problems.error_response import error_response
from stateroom.model.problems.outside_errors import client_reason, outside_reason


def accident(error: BaseException) -> StateroomError | None:
    """Explain an error that comes from outside; None for a programming error."""
    if isinstance(error, FileNotFoundError) and not _directory_exists():
        return StateroomError("the current directory no longer exists", todo="cd to a directory that does")
    reason = outside_reason(error)
    response = error_response(error)
    if response is not None and response.code:
        what = f"AWS refused {response.operation or 'a call'}"
        return StateroomError(
            what, why=f"{response.code}: {response.message}", todo="check credentials and permissions"
        )
    if reason is None:
        return None
    why, todo = reason
    if client_reason(error):
        return StateroomError("AWS could not be asked", why=f"{why}: {' '.join(str(error).split())[:300]}", todo=todo)
    return StateroomError(f"cannot use {_thing(error)}", why=why, todo=todo)


def _thing(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else f"stream {error.filename}"
        return name if len(name) <= 200 else f"{name[:80]}…{name[-80:]}"
    if isinstance(error, UnicodeEncodeError):
        return "the terminal or file that is written to"
    return "a file or stream" if isinstance(error, OSError) else "a file or value"


def _directory_exists() -> bool:
    try:
        return Path.cwd().exists()
    except OSError:
        return False
