"""From a service's file to the resources it wants."""

from __future__ import annotations

from dataclasses import replace

from stateroom.config import keys
from stateroom.config.build import Build
from stateroom.config.events.registry import compile_events
from stateroom.config.function import read_functions
from stateroom.config.functions import compile_functions
from stateroom.config.iam import compile_execution_role
from stateroom.config.intrinsics import intrinsic
from stateroom.config.json_text import with_pseudo_parameters
from stateroom.config.plugins import PSEUDO_PARAMETERS, read_plugins
from stateroom.config.project import Project, entry_of
from stateroom.config.resources import check_references, merge_outputs, merge_resources
from stateroom.config.secrets import secret_names, with_secrets
from stateroom.config.service import Service, load_service
from stateroom.config.settings import Settings
from stateroom.config.stepfunctions import compile_state_machines
from stateroom.errors import ConfigError
from stateroom.model.resource import Output, Template
from stateroom.model.values import Secret

__all__ = ["Settings", "compile_service"]


def compile_service(project: Project, name: str, settings: Settings) -> Template:
    """Compile one service of a project for one stage. Packages its code into `settings.build_dir`; asks no API.

    Raises:
        ConfigError: something in its files cannot be right; with file:line, path and what to do.
    """
    entry = entry_of(project, name)
    try:
        service = load_service(entry, project.default_stage, settings)
        return _compiled(Build(service, settings))
    except RecursionError:
        raise ConfigError(f"{name} is nested too deeply to be compiled", todo="flatten it") from None
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read", why=f"{error.filename or ''}: {error.strerror or error}", todo="check the file"
        ) from None


def _compiled(build: Build) -> Template:
    service = build.service
    _check_top(service)
    plugins = read_plugins(build)
    functions = read_functions(build)
    compile_functions(build, functions)
    compile_events(build, functions)
    compile_execution_role(build, functions)
    compile_state_machines(build, functions)
    for function in functions.values():
        qualified = f"{function.logical_id}QualifiedArn"
        build.outputs[qualified] = Output(function.arn, "Current Lambda function version")
    merge_resources(build)
    merge_outputs(build)
    check_references(build)
    if PSEUDO_PARAMETERS in plugins:
        _map_properties(build)
    _hide_secrets(build)
    return Template(
        service=service.key,
        app=service.app,
        stage=service.stage,
        region=service.region,
        resources=build.resources,
        outputs=build.outputs,
        artifacts=build.artifacts,
        warnings=tuple(build.warnings),
    )


def _check_top(service: Service) -> None:
    service.check(keys.TOP, keys.TOP_LATER)
    provider = service.lookup("provider")
    name = provider if isinstance(provider, str) else service.mapping("provider").get("name", "aws")
    if name != "aws":
        raise service.error(f"{name} is not supported", "provider", todo="stateroom deploys to AWS: provider: aws")
    if isinstance(provider, str):
        return
    service.check(keys.PROVIDER, keys.PROVIDER_LATER, "provider")
    service.check(keys.IAM, (), "provider", "iam")
    role = service.lookup("provider", "iam", "role")
    if isinstance(role, dict) and not intrinsic(role):
        service.check(keys.ROLE, (), "provider", "iam", "role")


def _map_properties(build: Build) -> None:
    for logical_id, resource in build.resources.items():
        build.resources[logical_id] = replace(resource, properties=with_pseudo_parameters(resource.properties))
    for name, output in build.outputs.items():
        build.outputs[name] = replace(output, value=with_pseudo_parameters(output.value))


def _hide_secrets(build: Build) -> None:
    matches = secret_names(build.service)
    if matches is None:
        return
    for logical_id, resource in build.resources.items():
        build.resources[logical_id] = replace(resource, properties=with_secrets(resource.properties, matches))
    for name, output in build.outputs.items():
        if matches(name):
            build.outputs[name] = replace(output, value=Secret(output.value))
