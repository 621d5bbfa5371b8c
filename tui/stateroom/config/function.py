"""A function of a service, before it is compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config import keys
from stateroom.config.build import Build
from stateroom.config.document import KeyPath
from stateroom.config.naming import function_id
from stateroom.model.values import Value

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the service, as events and state machines need to know it."""

    key: str
    name: str  # physical
    config: Mapping[str, Value]

    @property
    def logical_id(self) -> str:
        """The Lambda function's logical id."""
        return function_id(self.key)

    @property
    def path(self) -> KeyPath:
        """Where it is in the document."""
        return ("functions", self.key)

    @property
    def arn(self) -> Value:
        """A reference to its ARN."""
        return {"Fn::GetAtt": [self.logical_id, "Arn"]}


def read_functions(build: Build) -> dict[str, Function]:
    """The service's functions with their physical names. Raises ConfigError."""
    service = build.service
    functions: dict[str, Function] = {}
    for key, config in service.mapping("functions").items():
        if not isinstance(config, dict):
            raise service.error("not a map", "functions", key, todo="write at least: handler: file.function")
        if not _KEY.fullmatch(key):
            raise service.error("not a function name", "functions", key, todo="use letters, digits, - and _")
        service.check(keys.FUNCTION, keys.FUNCTION_LATER, "functions", key)
        name = service.text("functions", key, "name") or f"{service.prefix}-{key}"
        functions[key] = Function(key, name, config)
    return functions
