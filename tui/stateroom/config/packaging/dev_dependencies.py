"""Exclude Node packages that only development needs from deployment packages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from stateroom.config.document.user_files import read_user_text

_NEEDED: Final = ("dependencies", "optionalDependencies", "peerDependencies")


def without_dev_dependencies(root: Path) -> list[str]:
    """Return patterns that exclude packages needed by `devDependencies` only.

    [] without a package.json. A package that neither dependencies nor devDependencies need was put there by hand, and
    stays.
    """
    manifest = _manifest(root)
    if not manifest.get("devDependencies") or not (root / "node_modules").is_dir():
        return []
    needed = _closure(root, _names(manifest, _NEEDED))
    unneeded = _closure(root, _names(manifest, ("devDependencies",))) - needed
    kept = {command for directory in needed for command in _commands(directory)}
    commands = {command for directory in unneeded for command in _commands(directory)} - kept
    patterns = [f"!{directory.relative_to(root).as_posix()}/**" for directory in sorted(unneeded)]
    # A needed package may lie inside one that is not.
    patterns += [
        f"{directory.relative_to(root).as_posix()}/**"
        for directory in sorted(needed)
        if any(parent in unneeded for parent in directory.parents)
    ]
    return [*patterns, *(f"!node_modules/.bin/{command}*" for command in sorted(commands))]


def _closure(root: Path, names: Iterable[str]) -> set[Path]:
    """Return the directories of packages and their dependencies, as Node resolves them."""
    found: set[Path] = set()
    todo = [(root, name) for name in names]
    while todo:
        requirer, name = todo.pop()
        directory = _nearest(root, requirer, name)
        if directory is not None and directory not in found:
            found.add(directory)
            todo += ((directory, needed) for needed in _names(_manifest(directory), _NEEDED))
    return found


def _nearest(root: Path, requirer: Path, name: str) -> Path | None:
    for directory in (requirer, *requirer.parents):
        candidate = directory / "node_modules" / name
        if directory.name != "node_modules" and (candidate / "package.json").is_file():
            return candidate
        if directory == root:
            break
    return None


def _names(manifest: dict[str, Any], keys: Iterable[str]) -> list[str]:
    return [str(name) for key in keys if isinstance(manifest.get(key), dict) for name in manifest[key]]


def _commands(directory: Path) -> list[str]:
    commands = _manifest(directory).get("bin")
    if isinstance(commands, dict):
        return [str(name) for name in commands]
    return [directory.name] if isinstance(commands, str) else []


def _manifest(directory: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(read_user_text(directory / "package.json"))
    except (OSError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
