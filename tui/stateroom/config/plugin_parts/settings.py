"""Plugins that set one property: log retention, tracing, binary media types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.function import Function
from stateroom.config.naming import log_group_id
from stateroom.model.values import Value

_REST_API: Final = "ApiGatewayRestApi"


def log_retention(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Apply `custom.logRetentionInDays` to log groups of functions without a retention of their own."""
    days = build.service.lookup("custom", "logRetentionInDays")
    if not days:
        return
    if isinstance(days, bool) or not str(days).isdigit():
        raise build.service.error("not a number of days", "custom", "logRetentionInDays", todo="such as 30")
    for function in functions.values():
        if function.config.get("logRetentionInDays") is None:
            _set(build, log_group_id(function.key), "RetentionInDays", int(days))


def tracing(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Switch tracing on for functions that say `tracing: true`, or all where the provider does; off for the others."""
    everywhere = build.service.lookup("provider", "tracing") in (True, "true")
    for function in functions.values():
        own = function.config.get("tracing")
        active = own in (True, "true") or (everywhere and own not in (False, "false"))
        _set(build, function.logical_id, "TracingConfig", {"Mode": "Active" if active else "PassThrough"})


def binary_types(build: Compilation) -> None:
    """Apply `custom.apigwBinary.types` to the REST API. Raises ConfigError."""
    path = ("custom", "apigwBinary", "types")
    types = as_list(build.service.lookup(*path))
    if not all(isinstance(item, str) for item in types):
        raise build.service.error("not a list of media types", *path, todo="write it so: types: [image/png]")
    if types:
        _set(build, _REST_API, "BinaryMediaTypes", types)


def _set(build: Compilation, logical_id: str, name: str, value: Value) -> None:
    resource = build.resources.get(logical_id)
    if resource is not None:
        build.resources[logical_id] = replace(resource, properties={**resource.properties, name: value})
