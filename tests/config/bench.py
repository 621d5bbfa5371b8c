"""Small projects on disk, and shorthand to compile them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from stateroom.config.compilation import Compilation
from stateroom.config.compiler import CompileOptions, compilation_of, compile_service
from stateroom.config.project import Project, open_project
from stateroom.errors import ConfigError
from stateroom.model.resource import Template
from stateroom.model.values import Properties, Value
from stateroom.programs.access import ProgramAccess

HEAD = """
service: shop
provider: {name: aws, runtime: python3.12}
"""
FUNCTION = """
functions:
  create:
    handler: app.create
"""


@dataclass
class Bench:
    """A project directory. `main` is what serverless.yml says."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    def open(self, path: Path | None = None) -> Project:
        return open_project(
            path or self.root, options=self.options, environment=self.environment, programs=self.programs()
        )

    def settings(self, stage: str | None = None) -> CompileOptions:
        return CompileOptions(
            stage,
            None,
            self.options,
            self.environment,
            self.params,
            self.root / ".stateroom" / "build",
            sources=True,
            programs=self.programs(),
        )

    def programs(self) -> ProgramAccess:
        """What the user has allowed: everything."""
        return ProgramAccess(self.root, lambda _use: "")

    def compile(self, main: str | None = None, *, stage: str | None = None, service: str | None = None) -> Template:
        """Compile the project's service (or one of several); app.py exists, for handlers."""
        if main is not None:
            self.write("serverless.yml", main)
            if not (self.root / "app.py").exists():
                self.write("app.py", "def create(event, context): ...\n")
        project = self.open()
        return compile_service(project, service or next(iter(project.services)), self.settings(stage))

    def built(self, main: str) -> Compilation:
        """The service as `stateroom compile` prints it."""
        self.write("serverless.yml", main)
        project = self.open()
        return compilation_of(project, next(iter(project.services)), self.settings())

    def custom(self, expression: str, more: str = "") -> Value:
        """What an expression comes to as an output's value."""
        text = f"{HEAD}\nresources:\n  Outputs:\n    it:\n      Value: {expression}\n"
        template = self.compile(text + dedent(more))
        return template.outputs["it"].value

    def refused(self, main: str | None = None, *, service: str | None = None) -> ConfigError:
        """The error that compiling raises."""
        with pytest.raises(ConfigError) as caught:
            self.compile(main, service=service)
        return caught.value


def properties(template: Template, logical_id: str) -> Properties:
    return template.resources[logical_id].properties


def types(template: Template) -> Mapping[str, str]:
    return {logical_id: resource.type for logical_id, resource in template.resources.items()}
