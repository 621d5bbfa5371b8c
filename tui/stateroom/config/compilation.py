"""Service build in progress: resources, outputs, warnings, IAM grants, packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stateroom.config.compile_options import CompileOptions
from stateroom.config.document.document import KeyPath
from stateroom.config.service import Service
from stateroom.errors import ConfigError
from stateroom.model.resource import Artifact, Output, Resource
from stateroom.model.values import Properties, Value


@dataclass(slots=True)
class Compilation:
    """Collected parts of a service; compilers add to it and `compiler.py` makes a Template of it.

    `attributes` are a resource's further CloudFormation attributes, without type, properties and DependsOn: Condition,
    DeletionPolicy, Metadata. `sections` are a template's other than Resources and Outputs.
    """

    service: Service
    settings: CompileOptions
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    grants: list[Mapping[str, Value]] = field(default_factory=list)  # statements of the shared execution role
    trusted: list[str] = field(default_factory=list)  # services that may assume that role, in addition to Lambda
    paths: dict[str, KeyPath] = field(default_factory=dict)  # logical id → what in the config it was made for
    attributes: dict[str, dict[str, Value]] = field(default_factory=dict)  # by logical id
    output_attributes: dict[str, dict[str, Value]] = field(default_factory=dict)  # Export and Condition, by output
    postponed: list[ConfigError] = field(default_factory=list)  # what forbids a deploy, but not a look at the template
    sections: dict[str, Value] = field(default_factory=dict)  # Parameters, Mappings, Conditions, …
    not_built: str = ""  # why a package has no hash
    placeholders: dict[str, str] = field(default_factory=dict)  # logical id that a hash belongs in → without that part

    def add(
        self,
        logical_id: str,
        type_: str,
        properties: Properties,
        path: KeyPath,
        *,
        depends_on: tuple[str, ...] = (),
        retain: bool = False,
        condition: Value = None,
    ) -> None:
        """Add a resource generated for the config at `path`; properties that are None are left out.

        Raises:
            ConfigError: two parts of the config have the same logical id.
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
        if retain:
            self.attributes.setdefault(logical_id, {})["DeletionPolicy"] = "Retain"
        if condition is not None:
            self.attributes.setdefault(logical_id, {})["Condition"] = condition

    def add_output(self, name: str, value: Value, description: str = "") -> None:
        """Add a framework output, which other stacks may import."""
        self.outputs[name] = Output(value, description)
        self.output_attributes[name] = {"Export": {"Name": f"sls-{self.service.prefix}-{name}"}}

    def grant(self, actions: Value, resources: Value) -> None:
        """Add a grant to the shared execution role unless its statements already allow it."""
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        if statement not in self.grants and statement not in self.own_statements()[1]:
            self.grants.append(statement)

    def own_statements(self) -> tuple[KeyPath, list[Value]]:
        """Return the path and the statements that the file gives the shared execution role."""
        paths: tuple[KeyPath, ...] = (("provider", "iam", "role", "statements"), ("provider", "iamRoleStatements"))
        given = ((path, self.service.lookup(*path) or []) for path in paths)
        return next(((path, statements) for path, statements in given if statements), (paths[0], []))

    def warn(self, text: str) -> None:
        """Add a warning once; the compilation goes on."""
        if text not in self.warnings:
            self.warnings.append(text)


def as_list(value: Value) -> list[Value]:
    """Return the value as a list: [] for None, [value] for a single item."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def tag_list(tags: Mapping[str, Value]) -> list[dict[str, Value]]:
    """Convert tags to CloudFormation's list of Key and Value, sorted."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
