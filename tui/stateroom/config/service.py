"""Resolved service config for one stage, with lookups and checks for the compilers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stateroom.config.compile_options import CompileOptions
from stateroom.config.document.key_types import IGNORED, KeyTypes, mismatch
from stateroom.config.document.source_locations import dotted
from stateroom.config.document.suggestions import misspelt, suggestion
from stateroom.config.identity import open_service_file
from stateroom.config.plugin_verdicts import may_extend
from stateroom.config.project import ServiceEntry, service_name
from stateroom.config.variables.resolver import Resolver
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Value

_NAME = re.compile(r"[A-Za-z][0-9A-Za-z-]*")


@dataclass(frozen=True, slots=True)
class Service:
    """Resolved service. `key` is its name in the project, `app` is `service:` of its own file."""

    key: str
    app: str
    stage: str
    region: str
    root: Path
    config: Mapping[str, Value]
    resolver: Resolver = field(repr=False)
    function_parts: Mapping[str, int] = field(default_factory=dict)  # function → item of `functions:` when it is a list
    foreign_plugins: tuple[str, ...] = ()  # those that may give a meaning to events which we do not know
    notes: list[str] = field(default_factory=list)  # what is in the file and does nothing
    misspelt: list[ConfigError] = field(default_factory=list)  # what must be corrected before a deploy

    @property
    def prefix(self) -> str:
        """Prefix of physical names: `<app>-<stage>`."""
        return f"{self.app}-{self.stage}"

    def where(self, *path: str | int) -> SourceLocation:
        """Return the source location of the value at a path."""
        if len(path) > 1 and path[0] == "functions" and path[1] in self.function_parts:
            path = (path[0], self.function_parts[str(path[1])], *path[1:])
        return self.resolver.where(path)

    def error(self, what: str, *path: str | int, why: str = "", todo: str = "") -> ConfigError:
        """Build an error about the value at a path."""
        return ConfigError(f"{dotted(path)}: {what}", why=why, todo=todo, where=self.where(*path))

    def mapping(self, *path: str | int, of: Value = None) -> dict[str, Value]:
        """Return the map at a path, {} without one; a list of maps is merged. Raises ConfigError."""
        value = self.lookup(*path) if of is None else of
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return {key: item for part in value for key, item in part.items()}
        raise self.error("not a map", *path, todo="write it as key: value lines, indented below")

    def lookup(self, *path: str | int) -> Value:
        """Return the value at a path, or None."""
        value: Value = self.config
        for part in path:
            if isinstance(value, Mapping):
                value = value.get(str(part))
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def text(self, *path: str | int) -> str | None:
        """Return the text at a path, or None. Raises ConfigError for other types and symbolic values."""
        value = self.lookup(*path)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise self.error(
            "not a literal text",
            *path,
            why="it is part of a name, which must be known before anything is deployed",
            todo="write it out, or take it from ${param:…}, ${env:…} or ${self:…} with a literal value",
        )

    def check(self, shapes: KeyTypes, later: Collection[str], *path: str | int) -> None:
        """Check keys and value kinds; collect misspelt keys.

        A key that is like no known one has no effect in the framework, or belongs to a plugin: it is noted. With
        `configValidationMode: error` every unknown key is refused, with `warn` or `off` none.

        Raises:
            ConfigError: about the first of them.
        """
        value = self.lookup(*path)
        if value is None:
            return
        if not isinstance(value, Mapping):
            raise self.error("not a map", *path, todo="write it as key: value lines, indented below")
        for key, item in value.items():
            if shapes.get(key) == IGNORED:
                self.note(f"{dotted((*path, key))} is ignored: not supported yet", *path, key)
                continue
            if key in later:
                raise self.error("not supported yet", *path, key, todo="remove it, or deploy this service elsewhere")
            if key not in shapes:
                self._unknown(shapes, *path, key)
                continue
            wanted = mismatch(shapes[key], item)
            if wanted:
                raise self.error(f"not {wanted}", *path, key, todo=f"write {wanted}")

    def note(self, text: str, *path: str | int) -> None:
        """Note, with its location, a key without effect."""
        place = self.where(*path)
        self.notes.append(f"{text} ({place.file.name}:{place.line})")

    def leave_out(self, what: str, *path: str | int, todo: str) -> None:
        """Postpone an error about something that the framework leaves out, too, until a deploy.

        With `configValidationMode: warn` or `off` it is only noted.

        Raises:
            ConfigError: with `configValidationMode: error`.
        """
        mode = self.config.get("configValidationMode")
        error = self.error(what, *path, todo=todo)
        if mode == "error":
            raise error
        if mode in ("warn", "off"):
            self.note(f"{dotted(path)} is ignored: {what}, {todo}", *path)
        else:
            self.misspelt.append(error)

    def _unknown(self, shapes: KeyTypes, *path: str | int) -> None:
        key = str(path[-1])
        if misspelt(key, shapes) or self.config.get("configValidationMode") == "error":
            self.leave_out("unknown key", *path, todo=suggestion(key, shapes))
        else:
            self.note(f"{dotted(path)} is ignored: unknown key", *path)


def load_service(entry: ServiceEntry, settings: CompileOptions) -> Service:
    """Read and resolve a service's file. Raises ConfigError."""
    scope, resolver = open_service_file(entry, settings)
    document = resolver.document
    stage = scope.stage_of(resolver)
    app = service_name(resolver)
    if not _NAME.fullmatch(app):
        raise ConfigError(
            f"service: {app!r} is not a service name",
            todo="use letters, digits and -, beginning with a letter",
            where=resolver.where(("service",)),
        )
    if "stages" in document.value and "params" in document.value:
        raise ConfigError(
            "params and stages cannot be used together",
            todo="move params.<stage> to stages.<stage>.params",
            where=resolver.where(("params",)),
        )
    # Other stages' parameters may name what exists only there, so they are never resolved as a whole.
    config = {key: resolver.value((key,)) for key in document.value if key not in ("stages", "params")}
    return Service(
        entry.name,
        app,
        stage,
        scope.region_of(resolver),
        resolver.directory,
        config,
        resolver,
        _function_parts(config),
        _foreign_plugins(config.get("plugins")),
    )


def _foreign_plugins(plugins: Value) -> tuple[str, ...]:
    listed = plugins.get("modules") if isinstance(plugins, dict) else plugins
    names = listed if isinstance(listed, list) else []
    return tuple(name for name in names if isinstance(name, str) and may_extend(name))


def _function_parts(config: dict[str, Value]) -> dict[str, int]:
    """Merge a `functions:` list into one map; returns the list index of each function."""
    listed = config.get("functions")
    if not isinstance(listed, list) or not all(item is None or isinstance(item, dict) for item in listed):
        return {}
    config["functions"] = {key: value for item in listed for key, value in (item or {}).items()}
    return {key: index for index, item in enumerate(listed) for key in item or {}}
