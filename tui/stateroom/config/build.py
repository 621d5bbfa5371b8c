"""What compiling a service collects: resources, outputs, warnings, grants, packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stateroom.config.document import KeyPath
from stateroom.config.service import Service
from stateroom.config.settings import Settings
from stateroom.model.resource import Artifact, Output, Resource
from stateroom.model.values import Properties, Value


@dataclass(slots=True)
class Build:
    """A service being compiled. Compilers add to it; `compiler.py` makes a Template of it."""

    service: Service
    settings: Settings
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    grants: list[Mapping[str, Value]] = field(default_factory=list)  # statements of the shared execution role
    paths: dict[str, KeyPath] = field(default_factory=dict)  # logical id → what in the config it was made for

    def add(
        self,
        logical_id: str,
        type_: str,
        properties: Properties,
        path: KeyPath,
        *,
        depends_on: tuple[str, ...] = (),
        retain: bool = False,
    ) -> None:
        """Add a resource made for the config at `path`; properties that are None are left out.

        Raises:
            ConfigError: two things in the config come to the same logical id.
        """
        if logical_id in self.resources:
            raise self.service.error(
                f"{logical_id} is made twice",
                *path,
                why=f"{self.resources[logical_id].source} makes it too",
                todo="rename one of the two",
            )
        present = {key: value for key, value in properties.items() if value is not None}
        self.paths[logical_id] = path
        self.resources[logical_id] = Resource(logical_id, type_, present, depends_on, retain, self.service.where(*path))

    def grant(self, actions: list[str], resources: list[Value]) -> None:
        """Let the shared execution role do something."""
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        if statement not in self.grants:
            self.grants.append(statement)

    def warn(self, text: str) -> None:
        """Say something once that does not stop the compilation."""
        if text not in self.warnings:
            self.warnings.append(text)


def listed(value: Value) -> list[Value]:
    """A list, one item as a list of one, nothing as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pairs(tags: Mapping[str, Value]) -> list[dict[str, Value]]:
    """Tags as CloudFormation lists them, in a fixed order."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
