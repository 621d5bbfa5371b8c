"""Read `uv.lock`: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from stateroom.config.document.user_files import read_user_text
from stateroom.config.packaging.locks.locked import Locked, lines_of, local
from stateroom.config.packaging.locks.reach import any_marker, reachable

_Key: TypeAlias = tuple[str, str, str]  # name, version, and an extra or ""


def uv_lines(lock: Path, root: Path, left_out: list[str], groups: Collection[str]) -> list[str]:
    """Return the requirements of the project at "." with the extras `groups` as lines for pip.

    Development groups stay out. Raises OSError, ValueError, KeyError, TypeError, AttributeError.
    """
    document = tomllib.loads(read_user_text(lock))
    packages: dict[tuple[str, str], Mapping[str, Any]] = {}
    for package in document.get("package", ()):
        packages[package["name"], package.get("version", "")] = package
    (project,) = (
        one for one in packages.values() if "." in (one["source"].get(kind) for kind in ("virtual", "editable"))
    )

    def needs(key: _Key) -> Iterator[tuple[_Key, str]]:
        package = packages[key[:2]]
        extras = package.get("optional-dependencies") or {}
        return _edges(extras.get(key[2], ()) if key[2] else package.get("dependencies", ()), packages)

    extras = project.get("optional-dependencies") or {}
    first = [project.get("dependencies", ()), *(extras.get(group, ()) for group in groups)]
    markers: dict[tuple[str, str], list[str]] = {}
    for key, marker in reachable([edge for part in first for edge in _edges(part, packages)], needs).items():
        markers.setdefault(key[:2], []).append(marker)
    found = [_locked(packages[key], any_marker(those), lock, root) for key, those in markers.items()]
    return lines_of(found, _indexes(lock), left_out)


def _edges(
    dependencies: Iterable[Mapping[str, Any]], packages: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[tuple[_Key, str]]:
    for one in dependencies:
        # The version is only there when the lock has several of that name.
        version = one.get("version") or max(version for name, version in packages if name == one["name"])
        for extra in ("", *one.get("extra", ())):
            yield (one["name"], version, extra), one.get("marker") or ""


def _locked(package: Mapping[str, Any], marker: str, lock: Path, root: Path) -> Locked:
    source, files = package["source"], [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
    address = source.get("url") or ""
    if "git" in source:
        where, _, commit = source["git"].partition("#")
        address = f"git+{where.partition('?')[0]}@{commit}"
    for kind in ("path", "directory", "editable", "virtual"):
        if kind in source:
            address = local(lock, root, source[kind])
    hashes = tuple(file["hash"] for file in files if "hash" in file)
    return Locked(package["name"], package.get("version", ""), marker, hashes, (), address)


def _indexes(lock: Path) -> list[str]:
    """Return the indexes that the project names in addition to the default one."""
    file = lock.parent / "pyproject.toml"
    if not file.is_file():
        return []
    tool = tomllib.loads(read_user_text(file)).get("tool") or {}
    return [index["url"] for index in (tool.get("uv") or {}).get("index") or ()]
