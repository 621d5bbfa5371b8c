"""Exclude Node packages that only development needs from deployment packages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stateroom.config.packaging.bundling.node_modules import NEEDED, dependency_names, manifest


def without_dev_dependencies(root: Path) -> list[str]:
    """Return patterns that exclude packages needed by `devDependencies` only.

    [] without a package.json. A package that neither dependencies nor devDependencies need was put there by hand, and
    stays.
    """
    document = manifest(root)
    if not document.get("devDependencies") or not (root / "node_modules").is_dir():
        return []
    needed = _closure(root, dependency_names(document, NEEDED))
    unneeded = _closure(root, dependency_names(document, ("devDependencies",))) - needed
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
            todo += ((directory, needed) for needed in dependency_names(manifest(directory), NEEDED))
    return found


def _nearest(root: Path, requirer: Path, name: str) -> Path | None:
    for directory in (requirer, *requirer.parents):
        candidate = directory / "node_modules" / name
        if directory.name != "node_modules" and (candidate / "package.json").is_file():
            return candidate
        if directory == root:
            break
    return None


def _commands(directory: Path) -> list[str]:
    commands = manifest(directory).get("bin")
    if isinstance(commands, dict):
        return [str(name) for name in commands]
    return [directory.name] if isinstance(commands, str) else []
