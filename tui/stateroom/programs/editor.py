"""Open the user's editor: the one program that gets the terminal."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from stateroom.errors import StateError, StateroomError, UsageError
from stateroom.programs.environment import editor_environment
from stateroom.programs.known import find_program
from stateroom.programs.process import attend


def edit(path: Path, environment: Mapping[str, str]) -> None:
    """Let the user change a file in VISUAL, EDITOR or vi, which sees neither credentials nor passphrases.

    Raises:
        UsageError: the editor cannot be started.
        StateError: it ended with an error.
    """
    command = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    environment = environment or os.environ
    try:
        name, *arguments = shlex.split(command)
        program = name if os.sep in name else str(find_program(name, environment, path.parent))
        code = attend([program, *arguments, str(path)], editor_environment(environment))
    except (OSError, ValueError, StateroomError):
        raise UsageError(f"cannot run the editor {command!r}", todo="set EDITOR to one that is installed") from None
    if code != 0:
        raise StateError("the editor ended with an error", why=f"exit code {code}", todo="nothing was changed")
