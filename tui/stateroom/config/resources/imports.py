"""Resolve `Fn::ImportValue` of another service's export to that service's state."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.config.compile_options import CompileOptions
from stateroom.config.document.intrinsics import SERVICE_OUTPUT, intrinsic, split_placeholders, sub_parts
from stateroom.config.identity import open_service_file
from stateroom.config.project import Project
from stateroom.config.service import Service
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Scope
from stateroom.errors import ConfigError
from stateroom.model.values import Value


class Imports:
    """Exports by service of a project. Files are read at the first import."""

    def __init__(self, project: Project, service: Service, settings: CompileOptions) -> None:
        self._project = project
        self._service = service
        self._settings = settings
        self._exports: dict[str, tuple[str, str]] | None = None
        self._prefixes: dict[str, str] = {}  # `sls-<app>-<stage>-` → service

    def of(self, name: str) -> Value:
        """Return the output exported as `name`; None when no service of the project exports it."""
        if self._exports is None:
            self._exports = {}
            for entry in self._project.services.values():
                if entry.name != self._service.key:
                    self._read(entry.name)
        found = self._exports.get(name)
        for prefix, service in self._prefixes.items():
            if found is None and name.startswith(prefix):
                found = (service, name.removeprefix(prefix))
        return {SERVICE_OUTPUT: list(found)} if found else None

    def _read(self, name: str) -> None:
        """Collect a service's exports. An unreadable one is reported when it is compiled itself."""
        try:
            scope, resolver = open_service_file(self._project.services[name], self._settings)
            app, stage = resolver.value(("service",)), scope.stage_of(resolver)
            app = app.get("name") if isinstance(app, Mapping) else app
            self._prefixes[f"sls-{app}-{stage}-"] = name
            resources = resolver.value(("resources",))
        except ConfigError:
            return
        blocks = resources if isinstance(resources, list) else [resources]
        for block in blocks:
            outputs = block.get("Outputs") if isinstance(block, Mapping) else None
            for output, value in (outputs or {}).items():
                export = value.get("Export") if isinstance(value, Mapping) else None
                exported = self._name(export.get("Name"), scope, resolver) if isinstance(export, Mapping) else None
                if exported and self._exports is not None:
                    self._exports[exported] = (name, str(output))

    def _name(self, value: Value, scope: Scope, resolver: Resolver) -> str | None:
        if isinstance(value, str):
            return value
        if intrinsic(value) != "Fn::Sub":
            return None
        app = resolver.value(("service",))
        app = app.get("name") if isinstance(app, Mapping) else app
        known = {
            "AWS::Region": scope.region_of(resolver),
            "AWS::StackName": f"{app}-{scope.stage_of(resolver)}",
        }
        text, variables = sub_parts(value["Fn::Sub"])
        pieces = [
            piece if not name else variables.get(name, known.get(name)) for piece, name in split_placeholders(text)
        ]
        return "".join(map(str, pieces)) if all(isinstance(piece, str) for piece in pieces) else None
