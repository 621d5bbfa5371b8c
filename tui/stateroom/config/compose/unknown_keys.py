"""Warn of keys of a Compose file that have no effect, as the framework has none for them either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stateroom.config.document.document import KeyPath
from stateroom.config.document.source_locations import dotted
from stateroom.config.document.suggestions import misspelt, suggestion
from stateroom.config.variables.resolver import Resolver
from stateroom.model.values import Value

_TOP: Final = frozenset(
    {"services", "stages", "params", "state", "org", "app", "provider", "licenseKey", "useDotenv", "custom"}
    | {"frameworkVersion", "configValidationMode"}
)
_SERVICE: Final = frozenset({"path", "params", "dependsOn", "component", "config", "region"})

# What people write and expect something of, and what does it.
_INSTEAD: Final[Mapping[str, str]] = {
    "stage": "the stage is --stage, or each service's own provider.stage",
    "region": "the region is --region, a service's region: below services, or its own provider.region",
    "locals": "write the values into custom: and use them as ${self:custom.…}",
}


def unknown_keys(resolver: Resolver) -> Iterator[str]:
    """Yield a warning, with its file and line, for each key that nothing reads."""
    yield from _of(resolver, (), resolver.document.value, _TOP)
    services = resolver.document.value.get("services")
    for name, block in services.items() if isinstance(services, Mapping) else ():
        if isinstance(block, Mapping):
            yield from _of(resolver, ("services", name), block, _SERVICE)


def _of(resolver: Resolver, path: KeyPath, block: Mapping[str, Value], known: frozenset[str]) -> Iterator[str]:
    for key in block:
        if key not in known:
            where = resolver.where((*path, key))
            why = f": {suggestion(key, known)}" if misspelt(key, known) else ""
            why = f": {_INSTEAD[key]}" if key in _INSTEAD and not (path and key == "region") else why
            yield f"{dotted((*path, key))} has no effect: unknown key{why} ({where.file.name}:{where.line})"
