"""What a check says: errors at a place, warnings, and the names that it has seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from stateroom.config.document.document import KeyPath
from stateroom.config.service import Service
from stateroom.errors import ConfigError


@dataclass(slots=True)
class CheckReport:
    """One definition's check. `names` are the states seen so far, each with its place."""

    service: Service
    language: str  # the machine's query language
    warnings: list[str] = field(default_factory=list)
    names: dict[str, KeyPath] = field(default_factory=dict)

    def error(self, what: str, *path: str | int, todo: str = "", why: str = "") -> ConfigError:
        """An error about the value at a path."""
        return self.service.error(what, *path, why=why, todo=todo)

    def warn(self, text: str, *path: str | int) -> None:
        """Say something that does not stop the compilation."""
        self.warnings.append(f"{self.service.where(*path)}: {text}")
