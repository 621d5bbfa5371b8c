"""Function of a service, before it is compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.naming import PROVISIONED_ALIAS, SNAP_START_ALIAS, alias_id, function_id
from stateroom.config.plugins import ALERTS, ESBUILD, PYTHON_REQUIREMENTS, ROLES_PER_FUNCTION, lists_plugin
from stateroom.model.values import Value

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Function:
    """Function of a service, with the names and ARNs that events and state machines use."""

    key: str
    name: str  # physical
    config: Mapping[str, Value]

    @property
    def logical_id(self) -> str:
        """Logical id of the Lambda function."""
        return function_id(self.key)

    @property
    def path(self) -> KeyPath:
        """Path in the document."""
        return ("functions", self.key)

    @property
    def alias(self) -> str | None:
        """Alias to invoke instead of the function: provisioned concurrency and SnapStart need one."""
        if self.config.get("provisionedConcurrency"):
            return PROVISIONED_ALIAS
        return SNAP_START_ALIAS if self.config.get("snapStart") else None

    @property
    def alias_id(self) -> str | None:
        """Logical id of the alias."""
        return alias_id(self.key, self.alias) if self.alias else None

    @property
    def arn(self) -> Value:
        """Reference to the ARN of the function itself."""
        return {"Fn::GetAtt": [self.logical_id, "Arn"]}

    @property
    def target(self) -> Value:
        """ARN to invoke: the function's own, or its alias's."""
        return {"Fn::Join": [":", [self.arn, self.alias]]} if self.alias else self.arn

    @property
    def target_after(self) -> tuple[str, ...]:
        """Logical ids that must exist before `target` may be invoked, beyond its references."""
        return (self.alias_id,) if self.alias_id else ()


def read_functions(build: Compilation) -> dict[str, Function]:
    """Return the service's functions with their physical names. Raises ConfigError."""
    service = build.service
    plugged = {
        **(keys.PYTHON_FUNCTION if lists_plugin(service, PYTHON_REQUIREMENTS) else {}),
        **(keys.ALERTS_FUNCTION if lists_plugin(service, ALERTS) else {}),
        **(keys.ESBUILD_FUNCTION if lists_plugin(service, ESBUILD) else {}),
        **(keys.OWN_ROLE_FUNCTION if lists_plugin(service, ROLES_PER_FUNCTION) else {}),
    }
    functions: dict[str, Function] = {}
    for key, config in service.mapping("functions").items():
        if not isinstance(config, dict):
            raise service.error("not a map", "functions", key, todo="write at least: handler: file.function")
        if not _KEY.fullmatch(key):
            raise service.error("not a function name", "functions", key, todo="use letters, digits, - and _")
        service.check({**keys.FUNCTION, **plugged}, keys.FUNCTION_LATER, "functions", key)
        name = service.text("functions", key, "name") or f"{service.prefix}-{key}"
        functions[key] = Function(key, name, config)
    return functions


def setting(build: Compilation, function: Function, key: str) -> Value:
    """Return the function's own value for a key, else the provider's."""
    value = function.config.get(key)
    return build.service.lookup("provider", key) if value is None else value


def path_of(function: Function, key: str) -> KeyPath:
    """Return the path at which `setting` found its value."""
    return (*function.path, key) if function.config.get(key) is not None else ("provider", key)
