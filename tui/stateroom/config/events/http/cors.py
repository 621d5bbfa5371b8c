"""CORS of an HTTP API: `provider.httpApi.cors`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stateroom.config.compilation import as_list
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import checked_options
from stateroom.config.service import Service
from stateroom.model.values import Value

# In the order in which ANY stands for them.
_EACH: Final = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")
METHODS: Final = frozenset({*_EACH, "ANY"})
_HEADERS: Final = (
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)
_KEYS: Final = key_types(
    """allowedOrigins:texts allowedHeaders:texts allowedMethods:texts exposedResponseHeaders:texts maxAge:number
    allowCredentials:flag"""
)


def cors_configuration(service: Service, methods: Sequence[str]) -> dict[str, Value] | None:
    """Return CorsConfiguration; keys not given allow everything, for the routes' methods. Raises ConfigError."""
    cors = service.lookup("provider", "httpApi", "cors")
    if not cors:
        return None
    options = {} if cors is True else checked_options(service, _KEYS, "provider", "httpApi", "cors")
    exposed = options.get("exposedResponseHeaders")
    configuration = {
        "AllowCredentials": True if options.get("allowCredentials") else None,
        "AllowHeaders": as_list(options.get("allowedHeaders")) or list(_HEADERS),
        "AllowMethods": as_list(options.get("allowedMethods")) or _used(methods),
        "AllowOrigins": as_list(options.get("allowedOrigins")) or ["*"],
        "ExposeHeaders": as_list(exposed) if exposed else None,
        "MaxAge": options.get("maxAge"),
    }
    return {key: value for key, value in configuration.items() if value is not None}


def _used(methods: Sequence[str]) -> list[str]:
    """Return OPTIONS and the methods of the routes; ANY and `*` are all of them."""
    used = ["OPTIONS"]
    for method in methods:
        used += _EACH if method in ("ANY", "*") else (method,)
    return list(dict.fromkeys(used))
