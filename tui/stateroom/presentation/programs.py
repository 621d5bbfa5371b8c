"""Programs that a project wants, in words: what would run, and which files decide what it does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from stateroom.presentation.text import plain
from stateroom.programs.access import ProgramUse

_SHOWN: Final = 8  # files of one use


def use_lines(uses: Iterable[ProgramUse], root: Path) -> list[str]:
    """Return two lines for each use: `pip would install requirements.txt of shop`, then the files that decide it."""
    lines = []
    for use in uses:
        lines.append(f"{use.program.name} would {plain(use.purpose)}")
        names = [plain(name) for name in file_names(use, root)]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        if names:
            lines.append(f"  as these files say: {', '.join(names[:_SHOWN])}{more}")
    return lines


def use_json(use: ProgramUse, root: Path) -> dict[str, Any]:
    """`{"program", "purpose", "files"}`."""
    return {"program": use.program.name, "purpose": use.purpose, "files": file_names(use, root)}


def file_names(use: ProgramUse, root: Path) -> list[str]:
    """Return the files of a use relative to the project."""
    return [os.path.relpath(file, root.resolve()) for file in use.files]


CONSEQUENCE: Final = (
    "Programs run outside this directory (esbuild in it), without credentials and passphrases, as the user that you"
    " are: what they build can read and write what you can."
)
