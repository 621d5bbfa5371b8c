"""`${self:custom.table.name}`: another place of the same document."""

from __future__ import annotations

import re

from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value


def self_(lookup: Lookup) -> Value:
    """The place at a dotted path. A missing provider.stage or provider.region is what it defaults to."""
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
    """`a.b[0].c` → ("a", "b", "0", "c"); `a.` → ("a", ""), which is nowhere: an inner variable came to nothing."""
    parts = tuple(part for part in re.split(r"[.\[\]]", address or "") if part)
    return (*parts, "") if parts and (address or "").endswith(".") else parts
