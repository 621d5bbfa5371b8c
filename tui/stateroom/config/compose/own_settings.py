"""Read stateroom's own settings about home and deployer: `custom.stateroom.home`, `custom.stateroom.deployer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from stateroom.config.document.document import KeyPath
from stateroom.config.document.source_locations import dotted
from stateroom.config.variables.resolver import Resolver
from stateroom.errors import ConfigError

T = TypeVar("T")
DIRECT: Final = "direct"  # the one deployer that can be chosen: stateroom itself, by API calls
_HOME: Final = ("custom", "stateroom", "home")
_DEPLOYER: Final = ("custom", "stateroom", "deployer")


def home_setting(resolver: Resolver) -> str:
    """Return `custom.stateroom.home`: a kind of home, or a directory made absolute; "" without one.

    Only a path (`./states`) is taken relative to the file; a bare word is a kind of home.

    Raises:
        ConfigError: it is no text.
    """
    value = resolver.value(_HOME)
    if value is None:
        return ""
    if not isinstance(value, str) or not value:
        raise _error(resolver, _HOME, "not a home", "write serverless, local, or a directory such as ./states")
    is_path = value.startswith((".", "/")) or "/" in value
    return str((resolver.directory / value).absolute()) if is_path and "://" not in value else value


def agreed(key: str, values: Mapping[str, T]) -> T | None:
    """Return what the files of a Compose project's services say alike; None when none of them says anything.

    Raises:
        ConfigError: they differ, and one run works with one home.
    """
    said = {service: value for service, value in values.items() if value}
    first = next(iter(said.values()), None)
    if any(value != first for value in said.values()) or (said and len(said) < len(values)):
        raise ConfigError(
            f"{key}: the services keep their states in different places",
            why=f"{', '.join(said)}: named in {'its' if len(said) == 1 else 'their'} own serverless.yml",
            todo=f"write {key}: into serverless-compose.yml, or open the services one by one",
        )
    return first


def deployer_setting(resolver: Resolver) -> str:
    """Return `custom.stateroom.deployer`; "" without one. Raises ConfigError for another one than `direct`."""
    value = resolver.value(_DEPLOYER)
    if value not in (None, DIRECT):
        raise _error(resolver, _DEPLOYER, "there is no such deployer", f"write {DIRECT}, or leave it out")
    return DIRECT if value else ""


def _error(resolver: Resolver, path: KeyPath, what: str, todo: str) -> ConfigError:
    return ConfigError(f"{dotted(path)}: {what}", todo=todo, where=resolver.where(path))
