"""Mark secret values: property names that match `custom.stateroom.secrets`, and what AWS itself keeps secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import translate
from typing import Final

from stateroom.config.service import Service
from stateroom.model.values import Properties, Secret, Value

Matches = Callable[[str], bool]

# Type → names of its properties, at any depth, that nobody may read.
_ALWAYS: Final[Mapping[str, frozenset[str]]] = {
    "AWS::Events::Connection": frozenset({"ApiKeyValue", "ClientSecret", "Password"}),
    "AWS::SecretsManager::Secret": frozenset({"SecretString", "SecretStringTemplate"}),
}


def secret_names(service: Service) -> Matches | None:
    """Return a matcher for secret property names; None without secrets. Raises ConfigError."""
    path = ("custom", "stateroom", "secrets")
    value = service.lookup(*path)
    patterns = [value] if isinstance(value, str) else value or []
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise service.error("not a list of names", *path, todo="write it so: secrets: [PAYMENT_KEY, '*_TOKEN']")
    if not patterns:
        return None
    compiled = re.compile("|".join(translate(pattern) for pattern in patterns))
    return lambda name: compiled.match(name) is not None


def secret_properties(type_: str, properties: Properties) -> Matches | None:
    """Return a matcher for the properties that are secrets in every resource of a type; None without any."""
    names = _ALWAYS.get(type_, frozenset())
    if type_ == "AWS::SSM::Parameter" and properties.get("Type") == "SecureString":
        names = frozenset({"Value"})
    return names.__contains__ if names else None


def masked_config(service: Service) -> Value:
    """Return the service's resolved file for display: `***` for every secret."""
    matches = secret_names(service)
    config = dict(service.config)
    return _masked(mark_secrets(config, matches) if matches else config)


def _masked(value: Value) -> Value:
    if isinstance(value, Secret):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def mark_secrets(value: Value, matches: Matches) -> Value:
    """Return a copy in which the values of matching keys are Secrets."""
    if isinstance(value, Mapping):
        return {
            key: Secret(item)
            if matches(key) and item is not None and not isinstance(item, Secret)
            else mark_secrets(item, matches)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mark_secrets(item, matches) for item in value]
    return value
