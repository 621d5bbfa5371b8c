"""Read a Compose file: its services, the params they pass to each other and their dependencies.

A reference `${orders.queueUrl}` stays symbolic: it becomes `Fn::ServiceOutput`, or a Fn::Join where text surrounds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from stateroom.config.compose.stage_params import stage_params
from stateroom.config.document.intrinsics import SERVICE_OUTPUT, service_outputs
from stateroom.config.document.source_locations import dotted
from stateroom.config.document.suggestions import misspelt, suggestion
from stateroom.config.variables.resolver import Resolver
from stateroom.errors import ConfigError
from stateroom.model.values import Value

# What is left of `${…}` when the file's own variables are resolved; CloudFormation's pseudo parameters are not meant.
_REFERENCE: Final = re.compile(r"\$\{(?!AWS::)([^${}.]+)\.?([^${}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_EXAMPLES: Final = {"config": "serverless.prod.yml", "region": "eu-west-1"}


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """Service entry of a project: directory, params (with intrinsics), dependencies.

    `depends_on` are the services named in `dependsOn` and in params. `file` is the name of its config file, None for
    the usual ones; `region` goes before what that file says.
    """

    name: str
    path: Path
    params: Mapping[str, Value]
    depends_on: tuple[str, ...]
    file: str | None = None
    region: str | None = None


def service_entries(resolver: Resolver, stage: str) -> dict[str, ServiceEntry]:
    """Return every service of a Compose file, in file order. The file's own params of the stage go to each of them.

    Raises:
        ConfigError: the file's shape is wrong, or a service that is referred to does not exist.
    """
    if "params" in resolver.document.value and "stages" in resolver.document.value:
        todo = "move params.<stage> to stages.<stage>.params"
        raise _error(resolver, ("params",), "params and stages cannot be used together", todo=todo)
    services = resolver.value(("services",))
    if not isinstance(services, dict) or not services:
        todo = _meant("services", resolver.document.value) or "add: services: {orders: {path: orders}}"
        raise _error(resolver, ("services",), "no services", todo=todo)
    common = stage_params(resolver, stage)
    entries = {name: _entry(resolver, name, block, services) for name, block in services.items()}
    return {name: replace(entry, params={**common, **entry.params}) for name, entry in entries.items()}


def _entry(resolver: Resolver, name: str, block: Value, services: Mapping[str, Value]) -> ServiceEntry:
    where = ("services", name)
    if not isinstance(block, dict):
        raise _error(resolver, where, "not a map", todo="write it so: orders: {path: orders}")
    if not _NAME.fullmatch(name):
        raise _error(resolver, where, "not a service name", todo="use letters, digits, - and _")
    path = block.get("path")
    if not isinstance(path, str) or not path or "\0" in path:
        todo = _meant("path", block) or "add the service's directory: path: orders"
        raise _error(resolver, (*where, "path"), "no path", todo=todo)
    params = block.get("params") or {}
    if not isinstance(params, dict):
        raise _error(
            resolver, (*where, "params"), "not a map", todo="write it so: params: {queueUrl: ${orders.queueUrl}}"
        )
    symbolic = {key: _symbolic(resolver, (*where, "params", key), value, services) for key, value in params.items()}
    for key, value in symbolic.items():
        _check_services(resolver, (*where, "params", key), value, services)
    referenced = sorted({service for service, _ in service_outputs(symbolic)})
    return ServiceEntry(
        name=name,
        path=(resolver.directory / path).resolve(),
        params=symbolic,
        depends_on=tuple(dict.fromkeys([*_depends_on(resolver, name, block, services), *referenced])),
        file=_text(resolver, where, block, "config"),
        region=_text(resolver, where, block, "region"),
    )


def _text(resolver: Resolver, path: tuple[str, ...], block: Mapping[str, Value], key: str) -> str | None:
    value = block.get(key)
    if value is None or (isinstance(value, str) and value and "\0" not in value):
        return value
    raise _error(resolver, (*path, key), "not a text", todo=f"write it so: {key}: {_EXAMPLES[key]}")


def _depends_on(
    resolver: Resolver, name: str, block: Mapping[str, Value], services: Mapping[str, Value]
) -> Iterable[str]:
    value = block.get("dependsOn") or []
    where = ("services", name, "dependsOn")
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
        raise _error(resolver, where, "not a list of services", todo="write it so: dependsOn: [orders]")
    for other in names:
        if other not in services:
            raise _error(resolver, where, f"there is no service {other}", todo=suggestion(other, services))
    return names


def _symbolic(resolver: Resolver, path: tuple[str, ...], value: Value, services: Mapping[str, Value]) -> Value:
    """Replace references to other services' outputs with intrinsics."""
    if isinstance(value, dict):
        return {key: _symbolic(resolver, (*path, key), item, services) for key, item in value.items()}
    if isinstance(value, list):
        return [_symbolic(resolver, path, item, services) for item in value]
    if not isinstance(value, str):
        return value
    pieces: list[Value] = []
    end = 0
    for match in _REFERENCE.finditer(value):
        service, output = match.groups()
        if service not in services:
            todo = suggestion(service.rsplit("/", 1)[-1], services)
            raise _error(resolver, path, f"there is no service {service}, used in {match.group()}", todo=todo)
        if not re.fullmatch(r"[A-Za-z0-9_-]+", output):
            todo = f"write ${{{service}.name}} with the name of one of its outputs"
            raise _error(resolver, path, f"{match.group()} does not name an output", todo=todo)
        pieces += [value[end : match.start()], {SERVICE_OUTPUT: [service, output]}]
        end = match.end()
    pieces = [piece for piece in [*pieces, value[end:]] if piece != ""]
    if not pieces:
        return value
    return pieces[0] if len(pieces) == 1 else {"Fn::Join": ["", pieces]}


def _check_services(resolver: Resolver, path: tuple[str, ...], value: Value, services: Mapping[str, Value]) -> None:
    """Check that references to outputs, however they were written, name services of the file. Raises ConfigError."""
    for service, output in service_outputs(value):
        if service not in services:
            todo = suggestion(service, services)
            raise _error(resolver, path, f"there is no service {service}, used for its output {output}", todo=todo)


def _meant(key: str, block: Mapping[str, Value]) -> str:
    """Return the correction of a key that was perhaps misspelt; "" if none looks like it."""
    return next((f"write {key}: in place of {other}:" for other in block if misspelt(other, (key,))), "")


def _error(resolver: Resolver, path: tuple[str, ...], what: str, *, todo: str) -> ConfigError:
    return ConfigError(f"{dotted(path)}: {what}", todo=todo, where=resolver.where(path))
