"""Source `${param:queueUrl}`: the command line, the document's stages, or Compose."""

from __future__ import annotations

from stateroom.config.document.document import KeyPath
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.errors import ConfigError
from stateroom.model.values import Value


def _check_map(lookup: Lookup, path: KeyPath) -> None:
    """Check that parameters are written by stage. Raises ConfigError: a list of them would be read by nobody."""
    block = lookup.resolver.at(path)
    if block is not None and block.value is not None and not isinstance(block.value, dict):
        kind = "a list" if isinstance(block.value, list) else "not a map"
        raise ConfigError(
            f"{path[0]}: it is {kind}, and must be a map of stages",
            why=f"${{param:{lookup.address}}} looks in {path[0]} for the stage and for default",
            todo=f"write it so: {path[0]}: {{default: {{{lookup.address}: …}}}}",
            where=lookup.resolver.where(path),
        )


def param(lookup: Lookup) -> Value:
    """Return a parameter in the framework's order: --param, the stage's, the default's, Compose's."""
    name = lookup.address
    if name in lookup.scope.params:
        return lookup.scope.params[name]
    stage = lookup.scope.stage_of(lookup.resolver)
    for path in (
        ("stages", stage, "params", name),
        ("params", stage, name),
        ("stages", "default", "params", name),
        ("params", "default", name),
    ):
        place = lookup.resolver.at(path)
        if place is not None:
            return place
        _check_map(lookup, path[:1])
    return lookup.scope.passed.get(name, MISSING)
