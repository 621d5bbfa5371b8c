"""Source `${param:queueUrl}`: the command line, the document's stages, or Compose."""

from __future__ import annotations

from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value


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
    return lookup.scope.passed.get(name, MISSING)
