"""Source `${self:custom.table.name}`: another value of the same document."""

from __future__ import annotations

import re

from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value


def self_(lookup: Lookup) -> Value:
    """Return the value at a dotted path; provider.stage and provider.region have defaults."""
    path = path_of(lookup.address)
    place = lookup.resolver.at(path)
    if place is not None:
        return place
    if path == ("provider", "stage"):
        return lookup.scope.stage_of(lookup.resolver)
    if path == ("provider", "region"):
        return lookup.scope.region_of(lookup.resolver)
    if path == ("service", "name"):
        return lookup.resolver.at(("service",)) or MISSING
    return MISSING


def path_of(address: str | None) -> tuple[str, ...]:
    """Split `a.b[0].c` into ("a", "b", "0", "c").

    `a.` is ("a", ""), which does not exist: an inner variable was empty.
    """
    parts = tuple(part for part in re.split(r"[.\[\]]", address or "") if part)
    return (*parts, "") if parts and (address or "").endswith(".") else parts
