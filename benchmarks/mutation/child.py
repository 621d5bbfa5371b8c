"""Run tests in this process with one module of the product replaced by a mutant.

    python -m mutation.child MODULE SOURCE [pytest's arguments]

Ends with pytest's exit code.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


class _Mutated(importlib.machinery.SourceFileLoader):
    """Loads other bytes than the file's; no compiled copy of them is read or written."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, _fullname: str) -> Any:
        return compile(self._source, self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, module: str, source: bytes) -> None:
        self._module, self._source = module, source

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:  # noqa: ARG002
        if name != self._module:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found is None or found.origin is None:
            return None
        loader = _Mutated(name, found.origin, self._source)
        return importlib.util.spec_from_file_location(
            name, found.origin, loader=loader, submodule_search_locations=found.submodule_search_locations
        )


def main(module: str, source: str, *arguments: str) -> int:
    """Run pytest; returns its exit code."""
    sys.meta_path.insert(0, _Finder(module, Path(source).read_bytes()))
    return int(pytest.main(list(arguments)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
