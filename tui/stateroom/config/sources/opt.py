"""`${opt:stage}`: an option of the command line."""

from __future__ import annotations

from stateroom.config.sources.scope import Lookup
from stateroom.config.variables import MISSING, LastResort
from stateroom.model.values import Value


def opt(lookup: Lookup) -> Value:
    """The option's value. Stage and region that were not given there are known all the same, as a last resort."""
    if lookup.address in lookup.scope.options:
        return lookup.scope.options[lookup.address]
    if lookup.address == "stage":
        return _known(lookup.scope.stage, lookup.scope.default_stage)
    if lookup.address == "region":
        return _known(lookup.scope.region, None)
    return MISSING


def _known(chosen: str | None, default: str | None) -> Value:
    """What the caller chose, as if it were an option, unless it is what goes without saying."""
    if chosen is None:
        return MISSING
    return LastResort(chosen) if chosen == default else chosen
