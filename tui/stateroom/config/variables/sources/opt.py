"""Source `${opt:stage}`: an option of the command line."""

from __future__ import annotations

from stateroom.config.variables.resolver import MISSING, DefaultAnswer
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value


def opt(lookup: Lookup) -> Value:
    """Return the option's value.

    Stage and region that the caller chose count as given; otherwise the stage is a last resort.
    """
    if lookup.address in lookup.scope.options:
        return lookup.scope.options[lookup.address]
    if lookup.address == "stage":
        return lookup.scope.stage or _stage(lookup)
    if lookup.address == "region":
        return lookup.scope.region or MISSING
    return MISSING


def _stage(lookup: Lookup) -> Value:
    if lookup.scope.finding_stage:  # it cannot be what it is asked for
        return MISSING
    return DefaultAnswer(lookup.scope.stage_of(lookup.resolver))
