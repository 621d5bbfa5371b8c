"""Read `poetry.lock`: https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock

Since format 2.1 (Poetry 2) it lists for each distribution the groups that need it, with markers. Before, that follows
from pyproject.toml and from each distribution's dependencies.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from stateroom.config.document.user_files import read_user_text
from stateroom.config.packaging.locks.locked import Locked, lines_of, local
from stateroom.config.packaging.locks.reach import any_marker, reachable
from stateroom.config.packaging.requirements_file import canonical

_Key: TypeAlias = tuple[str, str]  # name, and an extra or ""
_NAME: Final = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?[^;]*(?:;\s*(.*))?", re.DOTALL)
_COMPARISON: Final = re.compile(r"\s*(<=|>=|<|>|==|!=)\s*(\d+(?:\.\d+)*)\s*")


def poetry_lines(
    lock: Path, project: Mapping[str, Any], root: Path, left_out: list[str], groups: Collection[str]
) -> list[str]:
    """Return the requirements of the groups (`main` is the project) as lines for pip.

    Raises:
        ValueError: the lock is not enough to tell, with a text that says why.
        OSError, KeyError, TypeError, AttributeError: it is no such file.
    """
    document = tomllib.loads(read_user_text(lock))
    packages = document.get("package", [])
    if all("groups" in package for package in packages):
        markers = [(package, _marker(package, groups)) for package in packages if _belongs(package, groups)]
    else:
        markers = _followed(packages, project, groups)
    tool = (project.get("tool") or {}).get("poetry") or {}
    indexes = [source["url"] for source in tool.get("source") or () if "url" in source]
    return lines_of([_locked(package, marker, lock, root) for package, marker in markers], indexes, left_out)


def _belongs(package: Mapping[str, Any], groups: Collection[str]) -> bool:
    return not package.get("optional") and bool(set(package["groups"]) & set(groups))


def _marker(package: Mapping[str, Any], groups: Collection[str]) -> str:
    markers = package.get("markers") or ""
    if isinstance(markers, str):
        return markers
    return any_marker(markers.get(group, "") for group in package["groups"] if group in groups)


def _followed(
    packages: list[Mapping[str, Any]], project: Mapping[str, Any], groups: Collection[str]
) -> list[tuple[Mapping[str, Any], str]]:
    by_name = {canonical(package["name"]): package for package in packages}
    if len(by_name) < len(packages):
        raise ValueError("it locks several versions of one distribution, and does not say when each is meant")

    def needs(key: _Key) -> Iterator[tuple[_Key, str]]:
        package = by_name[key[0]]
        wanted = {canonical(_parts(text)[0]) for text in (package.get("extras") or {}).get(key[1], ())}
        for name, given in (package.get("dependencies") or {}).items():
            for one in given if isinstance(given, list) else [given]:
                optional = isinstance(one, Mapping) and one.get("optional")
                if canonical(name) in wanted if key[1] else not optional:
                    yield from _edges(name, one, by_name)

    found = reachable([edge for group in groups for edge in _roots(project, group, by_name)], needs)
    names: dict[str, list[str]] = {}
    for (name, _), marker in found.items():
        names.setdefault(name, []).append(marker)
    return [(by_name[name], any_marker(markers)) for name, markers in names.items()]


def _roots(
    project: Mapping[str, Any], group: str, packages: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[_Key, str]]:
    tool = (project.get("tool") or {}).get("poetry") or {}
    block = tool if group == "main" else (tool.get("group") or {}).get(group) or {}
    if group == "main":
        for text in (project.get("project") or {}).get("dependencies") or ():
            name, extras, marker = _parts(text)
            yield from _edges(name, {"extras": extras, "markers": marker}, packages)
    for name, given in (block.get("dependencies") or {}).items():
        for one in given if isinstance(given, list) else [given]:
            if name != "python" and not (isinstance(one, Mapping) and one.get("optional")):
                yield from _edges(name, one, packages)


def _parts(text: str) -> tuple[str, list[str], str]:
    """Split a requirement into (name, extras, marker)."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is not a requirement")
    return found[1], [part.strip() for part in (found[2] or "").split(",") if part.strip()], (found[3] or "").strip()


def _edges(name: str, given: Any, packages: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[_Key, str]]:
    key, block = canonical(name), given if isinstance(given, Mapping) else {}
    if key not in packages:
        return  # locked for another system, or not at all
    parts = [block.get("markers") or "", _python(block.get("python") or "")]
    marker = " and ".join(f"({part})" for part in parts if part) if all(parts) else "".join(parts)
    for extra in ("", *block.get("extras", ())):
        yield (key, extra), marker


def _python(constraint: str) -> str:
    """Convert a Python constraint such as `>=3.9,<3.13` to a marker."""
    if not constraint:
        return ""
    found: Iterable[Any] = [_COMPARISON.fullmatch(part) for part in constraint.split(",")]
    if not all(found):
        raise ValueError(f"python = {constraint!r} of a dependency is not a comparison such as >=3.9")
    return " and ".join(f"python_version {one[1]} '{one[2]}'" for one in found)


def _locked(package: Mapping[str, Any], marker: str, lock: Path, root: Path) -> Locked:
    source: Mapping[str, Any] = package.get("source") or {}
    kind, address = source.get("type", "legacy"), ""
    if kind == "git":
        address = f"git+{source['url']}@{source['resolved_reference']}"
        address += f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""
    elif kind == "url":
        address = source["url"]
    elif kind in ("file", "directory"):
        address = local(lock, root, source["url"])
    hashes = tuple(file["hash"] for file in package.get("files") or ())
    return Locked(package["name"], package["version"], marker, hashes, (), address)
