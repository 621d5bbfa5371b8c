"""`${opt:stage}`: an option of the command line."""

from __future__ import annotations

from stateroom.config.sources.scope import Lookup
from stateroom.config.variables import MISSING
from stateroom.model.values import Value


def opt(lookup: Lookup) -> Value:
    """The option's value; stage and region also when they were decided elsewhere than on the command line."""
    if lookup.address in lookup.scope.options:
        return lookup.scope.options[lookup.address]
    if lookup.address == "stage" and lookup.scope.stage is not None:
        return lookup.scope.stage
    if lookup.address == "region" and lookup.scope.region is not None:
        return lookup.scope.region
    return MISSING
