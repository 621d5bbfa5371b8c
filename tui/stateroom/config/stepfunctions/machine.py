"""Checked state machine config, with its logical ids and names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.numbers import parse_number
from stateroom.config.document.suggestions import suggestion
from stateroom.config.naming import machine_id
from stateroom.config.service import Service
from stateroom.config.stepfunctions import keys
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class Machine:
    """State machine of a service. `definition` is its Amazon States Language as a map."""

    key: str
    name: str | None  # physical, when the config gives one
    logical_id: str
    definition: Mapping[str, Value]
    config: Mapping[str, Value]
    path: KeyPath

    @property
    def label(self) -> str:
        """Display name."""
        return self.name or self.key

    @property
    def arn(self) -> Value:
        """Reference to the machine's ARN."""
        return {"Ref": self.logical_id}

    @property
    def role_id(self) -> str:
        """Logical id of the machine's generated role."""
        return f"{self.logical_id}Role"

    @property
    def express(self) -> bool:
        """Whether it is an Express workflow."""
        return self.config.get("type") == "EXPRESS"


def read_machines(build: Compilation) -> list[Machine]:
    """Return every machine of the service. Raises ConfigError."""
    service = build.service
    path = ("stepFunctions", "stateMachines")
    if isinstance(service.lookup(*path), list):
        todo = "write each machine as its key: with its settings below"
        raise service.error("a list", *path, todo=todo)
    return [_machine(service, key, (*path, key)) for key in service.mapping(*path)]


def _machine(service: Service, key: str, path: KeyPath) -> Machine:
    service.check(keys.MACHINE, (), *path)
    config = service.mapping(*path)
    service.check(keys.TRACING, (), *path, "tracingConfig")
    service.check(keys.LOGGING, (), *path, "loggingConfig")
    service.check(keys.ENCRYPTION, (), *path, "encryptionConfig")
    if config.get("role") and config.get("iamRoleStatements"):
        raise service.error("role and iamRoleStatements exclude each other", *path, todo="keep one of them")
    _one_of(service, keys.TYPES, *path, "type")
    _one_of(service, keys.LEVELS, *path, "loggingConfig", "level")
    name = service.text(*path, "name")
    logical_id = machine_id(key, name, service.text(*path, "id"))
    return Machine(key, name, logical_id, _definition(service, path), config, path)


def _one_of(service: Service, known: tuple[str, ...], *path: str | int) -> None:
    value = service.lookup(*path)
    if value is not None and value not in known:
        raise service.error(f"{value} is not known", *path, todo=suggestion(str(value), known))


def _definition(service: Service, path: KeyPath) -> Mapping[str, Value]:
    value = service.lookup(*path, "definition")
    if value is None:
        todo = "write StartAt: and States: below definition:, or take them from ${file(machine.yml)}"
        raise service.error("no definition", *path, todo=todo)
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=parse_number)
        except ValueError as error:
            todo = "write it as YAML, as JSON text, or take it from ${file(machine.asl.json)}"
            raise service.error("a text that is not JSON", *path, "definition", why=str(error), todo=todo) from None
    if not isinstance(value, dict):
        todo = "write StartAt: and States: below definition:"
        raise service.error("not a map", *path, "definition", todo=todo)
    return value
