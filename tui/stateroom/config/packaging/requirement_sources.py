"""Find a service's Python requirements: requirements file, pyproject.toml, or a tool's lock file.

Which of them counts is the plugin's order: Poetry, pipenv, uv, `[project]` of pyproject.toml, the requirements file.
The tools themselves are not run, so a project of theirs needs its lock file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.packaging.locks.pipenv import pipenv_lines
from stateroom.config.packaging.locks.poetry import poetry_lines
from stateroom.config.packaging.locks.uv import uv_lines
from stateroom.config.packaging.requirements_file import requirement_files, requirement_lines, without_packages
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Value

PATH: Final = ("custom", "pythonRequirements")
_MALFORMED: Final = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Required:
    """Requirement lines, the file they are from, their arguments for pip, and other files that they were read from."""

    lines: list[str]
    file: Path
    arguments: tuple[str, ...] = ()
    more: tuple[Path, ...] = ()


class RequirementSources:
    """Reader of the requirements of a service's modules. Every method raises ConfigError."""

    def __init__(self, build: Compilation, left_out: list[str]) -> None:
        self._build = build
        self._service = build.service
        self._options = build.service.mapping(*PATH)
        self._left_out = left_out

    def of(self, module: str) -> Required | None:
        """Return the requirements of a module (a directory, "" for the service); None without any."""
        directory = self._service.root / module
        project = self._project(directory)
        try:
            found = self._first(directory, project)
        except _MALFORMED as error:
            raise self._unreadable(directory / "pyproject.toml", _as_text(error)) from None
        return found if found and found.lines else None

    def _first(self, directory: Path, project: Mapping[str, Any]) -> Required | None:
        return (
            self._poetry(directory, project)
            or self._pipenv(directory)
            or self._uv(directory, project)
            or self._pyproject(directory, project)
            or self._requirements_file(directory)
        )

    def _poetry(self, directory: Path, project: Mapping[str, Any]) -> Required | None:
        needed = (project.get("build-system") or {}).get("requires") or ()
        of_poetry = "poetry" in (project.get("tool") or {}) or any(str(one).startswith("poetry") for one in needed)
        if not of_poetry or not self._wanted("usePoetry"):
            return None
        file = self._lock(directory / "poetry.lock", "poetry lock", "usePoetry")
        groups = self._texts("poetryOnlyGroups") or [
            group
            for group in ("main", *self._texts("poetryWithGroups"))
            if group not in self._texts("poetryWithoutGroups")
        ]
        return self._locked(file, lambda: poetry_lines(file, project, self._service.root, self._left_out, groups))

    def _pipenv(self, directory: Path) -> Required | None:
        if not (directory / "Pipfile").is_file() or not self._wanted("usePipenv"):
            return None
        file = self._lock(directory / "Pipfile.lock", "pipenv lock", "usePipenv")
        return self._locked(file, lambda: pipenv_lines(file, self._service.root, self._left_out))

    def _uv(self, directory: Path, project: Mapping[str, Any]) -> Required | None:
        """Read uv.lock with `useUv: true`; else it only pins the versions of pyproject.toml's names."""
        file = directory / "uv.lock"
        asked = _true(self._options.get("useUv"))
        if not asked and not (file.is_file() and self._wanted("useUv") and self._named(project)):
            return None
        self._lock(file, "uv lock", "useUv")
        groups = self._texts("pyprojectWithGroups")
        return self._locked(file, lambda: uv_lines(file, self._service.root, self._left_out, groups))

    def _pyproject(self, directory: Path, project: Mapping[str, Any]) -> Required | None:
        if not self._named(project):
            return None
        file, block = directory / "pyproject.toml", project["project"]
        optional = block.get("optional-dependencies") or {}
        lines = list(block["dependencies"])
        for group in self._texts("pyprojectWithGroups"):
            if group not in optional:
                self._build.warn(f"{self._shown(file)} has no optional-dependencies {group}")
            lines += optional.get(group, ())
        if not all(isinstance(line, str) for line in lines):
            raise self._unreadable(file, "dependencies are not texts")
        return Required(without_packages(lines, self._left_out), file)

    def _requirements_file(self, directory: Path) -> Required | None:
        file = directory / (self._service.text(*PATH, "fileName") or "requirements.txt")
        if not file.is_file():
            self._build.warn(f"{self._shown(file)} is not there: no Python requirements are installed")
            return None
        try:
            return Required(requirement_lines(file, self._left_out), file, more=requirement_files(file))
        except OSError as error:
            raise self._unreadable_requirements(file, f"{error.filename or file}: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise self._unreadable_requirements(file, f"{file}: not UTF-8 text") from None

    def _unreadable_requirements(self, file: Path, why: str) -> ConfigError:
        return self._service.error(f"{file.name} cannot be read", *PATH, why=why, todo="correct the file")

    def _project(self, directory: Path) -> Mapping[str, Any]:
        """Return pyproject.toml; {} when it does not exist or is not used."""
        file = directory / "pyproject.toml"
        if not file.is_file() or not any(map(self._wanted, ("usePoetry", "usePyProject", "useUv"))):
            return {}
        try:
            return tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise self._unreadable(file, str(error)) from None

    def _named(self, project: Mapping[str, Any]) -> bool:
        return bool((project.get("project") or {}).get("dependencies")) and self._wanted("usePyProject")

    def _lock(self, file: Path, command: str, key: str) -> Path:
        if not file.is_file():
            todo = f"run: {command}, or set {key}: false"
            raise self._error(key, f"{self._shown(file)} is not there", "its tool is not run here", todo)
        return file

    def _locked(self, file: Path, read: Callable[[], list[str]]) -> Required:
        try:
            return Required(read(), file, ("--no-deps",), _manifest(file))  # a lock names everything that is needed
        except (OSError, *_MALFORMED) as error:
            raise self._unreadable(file, _as_text(error)) from None

    def _wanted(self, key: str) -> bool:
        return self._options.get(key) not in (False, "false")

    def _texts(self, key: str) -> list[str]:
        value: Value = self._options.get(key) or []
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else [str(one) for one in value]

    def _shown(self, file: Path) -> str:
        return os.path.relpath(file, self._service.root)

    def _error(self, key: str, what: str, why: str, todo: str) -> ConfigError:
        path: KeyPath = (*PATH, key)
        return self._service.error(what, *path, why=why, todo=todo)

    def _unreadable(self, file: Path, why: str) -> ConfigError:
        what = f"{self._shown(file)} cannot be read"
        return ConfigError(what, why=why, todo="correct the file", where=SourceLocation(file, 1))


def _true(value: Value) -> bool:
    return value in (True, "true")


def _as_text(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError | OSError) else f"it is not as its tool writes it: {error!r}"


def _manifest(lock: Path) -> tuple[Path, ...]:
    """Return the files beside a lock file that say what it locks."""
    return tuple(file for name in ("pyproject.toml", "Pipfile") if (file := lock.with_name(name)).is_file())
