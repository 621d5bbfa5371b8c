"""Read the parameters that a Compose file gives to all its services: `stages.<stage>.params` and `params.<stage>`."""

from __future__ import annotations

import re
from typing import Final

from stateroom.config.document.document import KeyPath
from stateroom.config.document.source_locations import dotted
from stateroom.config.variables.resolver import Resolver
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_OUTPUT: Final = re.compile(r"\$\{[A-Za-z0-9_/-]+\.[^${}:]*\}")


def stage_params(resolver: Resolver, stage: str) -> dict[str, Value]:
    """Return the parameters of a stage; the stage's own go before those of `default`.

    Source: Serverless Framework, guide "Compose", stage-specific configuration. Other stages' are not resolved.

    Raises:
        ConfigError: they are not a map, or name another service's output: that one would need itself.
    """
    found: dict[str, Value] = {}
    places: tuple[KeyPath, ...] = (
        ("params", "default"),
        ("stages", "default", "params"),
        ("params", stage),
        ("stages", stage, "params"),
    )
    for path in places:
        value = resolver.value(path)
        if value is not None and not isinstance(value, dict):
            raise _error(resolver, path, "not a map", "write it as key: value lines, indented below")
        for key, item in (value or {}).items():
            if isinstance(item, str) and _OUTPUT.search(item):
                todo = "pass it in services.<name>.params, to the services that need it"
                raise _error(resolver, (*path, key), f"{item} cannot be given to every service", todo)
            found[key] = item
    return found


def _error(resolver: Resolver, path: KeyPath, what: str, todo: str) -> ConfigError:
    return ConfigError(f"{dotted(path)}: {what}", todo=todo, where=resolver.where(path))
