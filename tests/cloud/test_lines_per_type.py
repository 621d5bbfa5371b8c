"""Lines of handler modules for each resource type: 154 before types were tables.

A type's module is one that a service's HANDLERS need and that the provider does not: what all types share is no type's.
"""

from __future__ import annotations

import ast
import importlib
import statistics
from collections import Counter
from pathlib import Path
from typing import Final

import stateroom.cloud.aws
from stateroom.cloud.aws.handlers import MODULES
from tests.cloud.all_types import all_handlers

ROOM: Final = Path(str(stateroom.cloud.aws.__file__)).parent
PREFIX: Final = "stateroom.cloud.aws."
SHARED: Final = ("provider", "declared.handler")


def imports(name: str) -> set[str]:
    """Modules of the room that a module imports."""
    tree = ast.parse(_file(name).read_text())
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    found |= {
        f"{node.module}.{item.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for item in node.names
    }
    return {
        name.removeprefix(PREFIX)
        for name in found
        if name.startswith(PREFIX) and _file(name.removeprefix(PREFIX)).is_file()
    }


def closure(names: set[str]) -> set[str]:
    """Modules with all that they import."""
    met: set[str] = set()
    while names:
        name = names.pop()
        met.add(name)
        names |= imports(name) - met
    return met


def measure() -> tuple[int, int, dict[str, int]]:
    """Lines of all types' modules, how many types there are, and lines by module."""
    modules = closure(set(MODULES)) - closure(set(SHARED))
    types = sum(len(importlib.import_module(f"{PREFIX}{name}").HANDLERS) for name in MODULES)
    lines = {name: len(_file(name).read_text().splitlines()) for name in sorted(modules)}
    return sum(lines.values()), types, lines


def _file(name: str) -> Path:
    return ROOM / (name.replace(".", "/") + ".py")


def test_a_type_takes_few_lines() -> None:
    """Shown module by module with `pytest -s`."""
    total, types, modules = measure()
    for name, lines in modules.items():
        print(f"{lines:5}  {name}")
    print(f"{total:5}  lines for {types} types: {total / types:.0f} a type")
    assert total / types <= 110


def test_most_types_take_few_lines() -> None:
    """A module's lines, shared by the types that it has: half of all take 75 or fewer."""
    homes = Counter(item.__module__.removeprefix(PREFIX) for item in all_handlers())
    shares = [len(_file(name).read_text().splitlines()) / types for name, types in homes.items() for _ in range(types)]

    assert len(shares) > 60
    assert statistics.median(shares) <= 75
