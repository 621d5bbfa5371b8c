"""Directories of tests, each empty at its start. New ones of pytest's own take longer the more there are."""

from __future__ import annotations

import itertools
import re
from pathlib import Path


class Directories:
    """Makes directories below one, for all tests of a process."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._numbers = itertools.count()

    def new(self, name: str) -> Path:
        """Make a directory whose name begins with what is readable of this one."""
        made = self._base / f"{re.sub(r'[^0-9A-Za-z_]+', '_', name)[:30]}-{next(self._numbers)}"
        made.mkdir()
        return made
