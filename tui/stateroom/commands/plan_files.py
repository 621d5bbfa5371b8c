"""Files of saved plans: written for their owner's eyes only, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from stateroom.errors import PlanError, StateroomError, UsageError
from stateroom.presentation.saved_plans.document import FORMAT, SavedPlan, dumps, loads


def write_plan(path: Path, saved: SavedPlan) -> None:
    """Write a saved plan, in place of an older one.

    Raises:
        UsageError: a file is there that is no saved plan, or it cannot be written.
    """
    if path.exists() and not (path.is_file() and _is_plan(path)):
        raise UsageError(f"{path} exists and is no saved plan", why="nothing was written", todo="name another FILE")
    try:
        _replace(path, dumps(saved))
    except OSError as error:
        raise UsageError(f"cannot write {path}", why=error.strerror or str(error), todo="name another FILE") from error


def read_plan(path: Path) -> SavedPlan:
    """Read a saved plan that has not run yet.

    Raises:
        UsageError: there is no such file, or it cannot be read.
        PlanError: it is not a saved plan, or not a whole or unchanged one, or it has run already.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PlanError(
            f"{path} is not a saved plan", why="it is not text", todo="name the FILE of plan --out"
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot read the plan {path}", why=why, todo="name the FILE of plan --out") from error
    return loads(text, str(path))


def rewrite_plan(path: Path, saved: SavedPlan) -> None:
    """Write a plan over itself where that is possible; the state's token refuses a second run as well."""
    with suppress(OSError, StateroomError):
        _replace(path, dumps(saved))


def _is_plan(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return FORMAT.encode() in file.read(200)
    return False


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
