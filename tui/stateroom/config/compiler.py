"""Compile a service's config file to a Template of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from stateroom.config.compilation import Compilation
from stateroom.config.compile_options import CompileOptions
from stateroom.config.document import keys
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.events.registry import compile_events
from stateroom.config.events.rest.api import name_deployments
from stateroom.config.function import read_functions
from stateroom.config.functions.compile import compile_functions
from stateroom.config.functions.execution_role import compile_execution_role
from stateroom.config.functions.layers import compile_layers
from stateroom.config.functions.own_roles import compile_own_roles
from stateroom.config.plugin_parts import compile_plugins, prepare_plugins
from stateroom.config.plugins import PSEUDO_PARAMETERS, lists_plugin, read_plugins
from stateroom.config.project import Project, entry_of
from stateroom.config.resources.conditions import ConditionEvaluator
from stateroom.config.resources.imports import Imports
from stateroom.config.resources.json_text import with_pseudo_parameters
from stateroom.config.resources.property_locations import PropertyLocations
from stateroom.config.resources.reference_check import check_references
from stateroom.config.resources.user_resources import merge_outputs, merge_resources
from stateroom.config.secrets import mark_secrets, secret_names, secret_properties
from stateroom.config.service import Service, load_service
from stateroom.config.stepfunctions import compile_state_machines
from stateroom.errors import ConfigError
from stateroom.model.resource import Template
from stateroom.model.values import Secret, Value

__all__ = ["CompileOptions", "compile_service"]


def compile_service(project: Project, name: str, settings: CompileOptions) -> Template:
    """Compile one service for one stage to a Template; packages its code into `settings.build_dir`.

    Raises:
        ConfigError: something in its files cannot be right; with file:line, path and what to do.
    """
    build = compilation_of(project, name, settings)
    if build.postponed:
        raise build.postponed[0]
    return _template(build, ConditionEvaluator(build, Imports(project, build.service, settings)))


def compilation_of(project: Project, name: str, settings: CompileOptions) -> Compilation:
    """Compile a service without deciding parameters and conditions yet.

    `postponed` holds what only forbids a deploy, such as a handler that is not built yet.

    Raises:
        ConfigError: as `compile_service`.
    """
    entry = entry_of(project, name)
    build = None
    try:
        service = load_service(entry, settings)
        build = Compilation(service, settings)
        _compile(build)
        return build
    except ConfigError:
        if build and build.service.misspelt:
            raise build.service.misspelt[0] from None  # what it leaves out may well be the other error's reason
        raise
    except RecursionError:
        raise ConfigError(f"{name} is nested too deeply to be compiled", todo="flatten it") from None
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read", why=f"{error.filename or ''}: {error.strerror or error}", todo="check the file"
        ) from None


def _compile(build: Compilation) -> None:
    _check_top(build.service)
    plugins = read_plugins(build)
    prepare_plugins(build, plugins)
    functions = read_functions(build)
    compile_layers(build)
    compile_functions(build, functions)
    compile_events(build, functions)
    compile_execution_role(build, functions)
    compile_own_roles(build, functions)
    compile_state_machines(build, functions)
    compile_plugins(build, plugins, functions)
    generated = frozenset(build.resources)
    merge_resources(build)
    name_deployments(build, generated)
    merge_outputs(build)
    check_references(build)
    if PSEUDO_PARAMETERS in plugins:
        _map_properties(build, with_pseudo_parameters)
    _hide_secrets(build)
    build.postponed[:0] = {str(error): error for error in build.service.misspelt}.values()
    for note in build.service.notes:
        build.warn(note)


def _template(build: Compilation, decisions: ConditionEvaluator) -> Template:
    """Make the Template from a build; resources with a false condition are left out."""
    service = build.service
    for section in ("Transform", "Rules", "Hooks"):
        if build.sections.get(section):
            build.warn(f"resources.{section} is ignored: only a CloudFormation stack can apply it")
    included = {
        logical_id: resource
        for logical_id, resource in build.resources.items()
        if _included(build.attributes.get(logical_id, {}), decisions)
    }
    resources = {
        logical_id: replace(
            resource,
            properties=decisions.reduce(resource.properties, build.paths[logical_id]),
            depends_on=tuple(name for name in dict.fromkeys(resource.depends_on) if name in included),
        )
        for logical_id, resource in included.items()
    }
    outputs = {
        name: replace(output, value=decisions.reduce(output.value, ("resources", "Outputs", name)))
        for name, output in build.outputs.items()
        if _included(build.output_attributes.get(name, {}), decisions)
    }
    return Template(
        service=service.key,
        app=service.app,
        stage=service.stage,
        region=service.region,
        resources=resources,
        outputs=outputs,
        artifacts=build.artifacts,
        warnings=tuple(build.warnings),
        locate=PropertyLocations(build),
        not_built=build.not_built,
        placeholders=build.placeholders,
    )


def _included(attributes: Mapping[str, Value], decisions: ConditionEvaluator) -> bool:
    return "Condition" not in attributes or decisions.holds(attributes["Condition"])


def _check_top(service: Service) -> None:
    service.check(keys.TOP, ())
    provider = service.lookup("provider")
    name = provider if isinstance(provider, str) else service.mapping("provider").get("name", "aws")
    if name != "aws":
        raise service.error(f"{name} is not supported", "provider", todo="stateroom deploys to AWS: provider: aws")
    if isinstance(provider, str):
        return
    service.check(keys.PROVIDER, (), "provider")
    for path in (("variableSyntax",), ("provider", "variableSyntax")):
        if service.lookup(*path) is not None:
            service.note(
                f"{'.'.join(path)} has no effect: variables are written ${{self:…}}, as since version 3", *path
            )
    if service.lookup("provider", "tracing") is True and not lists_plugin(service, "serverless-plugin-tracing"):
        service.note(
            "provider.tracing is ignored: true says nothing, write lambda: true below it", "provider", "tracing"
        )
    service.check(keys.IAM, (), "provider", "iam")
    role = service.lookup("provider", "iam", "role")
    if isinstance(role, dict) and not intrinsic(role):
        service.check(keys.ROLE, (), "provider", "iam", "role")


def _map_properties(build: Compilation, change: Callable[[Value], Value]) -> None:
    for logical_id, resource in build.resources.items():
        build.resources[logical_id] = replace(resource, properties=change(resource.properties))
    for name, output in build.outputs.items():
        build.outputs[name] = replace(output, value=change(output.value))


def _hide_secrets(build: Compilation) -> None:
    for logical_id, resource in build.resources.items():
        if always := secret_properties(resource.type, resource.properties):
            build.resources[logical_id] = replace(resource, properties=mark_secrets(resource.properties, always))
    matches = secret_names(build.service)
    if matches is None:
        return
    for logical_id, resource in build.resources.items():
        build.resources[logical_id] = replace(resource, properties=mark_secrets(resource.properties, matches))
    for name, output in build.outputs.items():
        if matches(name):
            build.outputs[name] = replace(output, value=Secret(output.value))
