"""Check that references have targets and that intrinsic functions exist."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import DYNAMIC, SERVICE_OUTPUT, calls_in, references_in
from stateroom.config.document.suggestions import suggestion
from stateroom.config.resources.template import SUPPORTED
from stateroom.config.resources.user_resources import output_paths
from stateroom.errors import ConfigError
from stateroom.model.values import Value

# Those that conditions.py takes out before anything is deployed.
_REDUCED: Final = frozenset(
    {"Fn::If", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::FindInMap", "Fn::ImportValue", "Fn::GetAZs"}
)
# Only a template can hold these: conditions.py refuses them.
_OF_STACKS: Final = frozenset({"Fn::Transform"})
KNOWN: Final = SUPPORTED | _REDUCED | _OF_STACKS


def check_references(build: Compilation) -> None:
    """Check that references name resources or parameters and intrinsics exist. Raises ConfigError.

    A resource that an ignored plugin may create is an error before a deploy only.
    """
    for resource in build.resources.values():
        path = build.paths[resource.logical_id]
        _check(build, resource.logical_id, resource.properties, path)
        for name in resource.depends_on:
            if name not in build.resources:
                _missing(build, f"DependsOn: {name}", name, path)
        _check_condition(build, build.attributes.get(resource.logical_id, {}).get("Condition"), path)
    written = {str(path[-1]): path for path in output_paths(build)}
    for name, output in build.outputs.items():
        path = written.get(name, ("resources",))
        _check(build, f"the output {name}", output.value, path)
        _check_condition(build, build.output_attributes.get(name, {}).get("Condition"), path)


def _check_condition(build: Compilation, name: Value, path: KeyPath) -> None:
    conditions = build.sections.get("Conditions") or {}
    if name is not None and str(name) not in conditions:
        todo = suggestion(str(name), conditions) or "add it under resources.Conditions"
        raise build.service.error(f"there is no condition {name}", *path, "Condition", todo=todo)


def _check(build: Compilation, owner: str, value: Value, path: KeyPath) -> None:
    service = build.service
    for function, _ in calls_in(value):
        if function not in KNOWN:
            supported = ", ".join(sorted(name for name in KNOWN - _OF_STACKS - {SERVICE_OUTPUT, DYNAMIC}))
            what = f"{function} is not supported"
            _plugins_may_make(build, what, f"in {owner}", f"use {supported}", path)
    parameters = build.sections.get("Parameters") or {}
    try:
        for logical_id, attribute in references_in(value):
            if logical_id not in build.resources and (attribute or logical_id not in parameters):
                written = f"{logical_id}.{attribute}" if attribute else logical_id
                _missing(build, f"in {owner}: {written}", logical_id, path)
    except ConfigError as error:
        if error.where is not None:
            raise
        raise service.error(error.what, *path, why=error.why, todo=error.todo) from None


def _missing(build: Compilation, why: str, logical_id: str, path: KeyPath) -> None:
    todo = suggestion(logical_id, build.resources) or "add it under resources.Resources"
    _plugins_may_make(build, f"there is no resource {logical_id}", why, todo, path)


def _plugins_may_make(build: Compilation, what: str, why: str, todo: str, path: KeyPath) -> None:
    plugins = build.service.foreign_plugins
    if plugins:
        why = f"{why}; one of the plugins that are ignored may make it: {', '.join(plugins)}"
    error = build.service.error(what, *path, why=why, todo=todo)
    if not plugins:
        raise error
    build.postponed.append(error)  # the rest of the service can be looked at
