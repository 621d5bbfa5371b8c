"""A project's files, for commands that need neither its state nor its cloud."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.services import check_services
from stateroom.config.compile_options import CompileOptions
from stateroom.config.project import Project
from stateroom.engine.opening.project_loading import read_project, settings_of


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the option --format of commands that print documents."""
    parser.add_argument("--format", choices=("json", "yaml"), help="yaml (default) or json")


def read(context: Invocation) -> tuple[Project, CompileOptions, tuple[str, ...]]:
    """Open the project: itself, how to compile it, and the chosen services in the order of their dependencies.

    Raises:
        ConfigError: there is no project, or its files cannot be read.
        UsageError: a service is named that the project does not have.
    """
    options = context.workspace_options()
    project = read_project(context.project(), options)
    for warning in project.warnings:
        context.console.complain(f"warning: {warning}")
    check_services(context, project.services)
    services = tuple(name for name in project.services if not context.services or name in context.services)
    return project, settings_of(project, options), services


def print_documents(context: Invocation, documents: Mapping[str, Any]) -> None:
    """Print one document as it is; of several, a YAML stream or a JSON map by service."""
    out = context.host.out
    several = len(documents) > 1
    if context.console.as_json or context.options.format == "json":
        value = documents if several else next(iter(documents.values()))
        out.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
        return
    dump = _yaml_writer()
    for service, document in documents.items():
        out.write((f"--- # {service}\n" if several else "") + dump(document))


def _yaml_writer() -> Callable[[Any], str]:
    import yaml

    class Writer(yaml.SafeDumper):
        """Writes every value out: anchors are for machines."""

        def ignore_aliases(self, _: object) -> bool:
            return True

    return lambda value: str(yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=120))
