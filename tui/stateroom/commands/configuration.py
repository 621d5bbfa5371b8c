"""A project's files, for commands that need neither its state nor its cloud."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED, error_json
from stateroom.commands.services import check_services
from stateroom.config.compile_options import CompileOptions
from stateroom.config.project import Project
from stateroom.engine.opening.project_loading import read_project, settings_of
from stateroom.errors import StateroomError
from stateroom.presentation.text import plain

T = TypeVar("T")


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
    services = tuple(name for name in project.services if name in (context.services or project.meant))
    return project, settings_of(project, options), services


@dataclass(frozen=True, slots=True)
class ServiceAnswers(Generic[T]):
    """What was found out of each service, and what kept the others from being read, by service."""

    found: Mapping[str, T]
    errors: Mapping[str, StateroomError]

    @property
    def code(self) -> int:
        """Return the exit code."""
        return FAILED if self.errors else 0


def of_each(context: Invocation, services: Sequence[str], work: Callable[[str], T]) -> ServiceAnswers[T]:
    """Do the work for each service. One that is broken is reported, and silences none of the others.

    Raises:
        StateroomError: there is one service only, and it is broken.
    """
    found: dict[str, T] = {}
    errors: dict[str, StateroomError] = {}
    for service in services:
        try:
            found[service] = work(service)
        except StateroomError as error:
            if len(services) == 1:
                raise
            errors[service] = error
            for line in error.lines():
                context.console.complain(f"{service}: {plain(line)}")
    return ServiceAnswers(found, errors)


def print_documents(context: Invocation, answers: ServiceAnswers[Any]) -> None:
    """Print one document as it is; of several, a YAML stream or a JSON map by service with `error` of a broken one."""
    out, documents = context.host.out, answers.found
    several = len(documents) + len(answers.errors) > 1
    if context.console.as_json or context.options.format == "json":
        broken = {service: {"error": error_json(error)} for service, error in answers.errors.items()}
        value = {**documents, **broken} if several else next(iter(documents.values()))
        out.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
        return
    dump = _yaml_writer()
    for service, document in documents.items():
        out.write((f"--- # {service}\n" if several else "") + dump(document))


def _yaml_writer() -> Callable[[Any], str]:
    import yaml

    class Writer(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml takes a third
        """Writes every value out: anchors are for machines."""

        def ignore_aliases(self, _: object) -> bool:
            return True

    return lambda value: str(yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=120))
