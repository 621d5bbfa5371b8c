"""Report of a definition check: errors with their path, warnings, state names."""

from __future__ import annotations

from dataclasses import dataclass, field

from stateroom.config.document.document import KeyPath
from stateroom.config.service import Service
from stateroom.errors import ConfigError


@dataclass(slots=True)
class CheckReport:
    """Report of one definition's check. `names` maps the states seen so far to their paths."""

    service: Service
    language: str  # the machine's query language
    warnings: list[str] = field(default_factory=list)
    names: dict[str, KeyPath] = field(default_factory=dict)

    def error(self, what: str, *path: str | int, todo: str = "", why: str = "") -> ConfigError:
        """Build an error about the value at a path."""
        return self.service.error(what, *path, why=why, todo=todo)

    def warn(self, text: str, *path: str | int) -> None:
        """Add a warning; the compilation goes on."""
        self.warnings.append(f"{self.service.where(*path)}: {text}")
