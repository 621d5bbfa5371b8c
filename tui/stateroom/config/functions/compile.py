"""Compile `functions:` to Lambda functions with log groups, versions, aliases, URLs and async settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation, as_list, tag_list
from stateroom.config.document import keys
from stateroom.config.document.intrinsics import intrinsic, scalar_text
from stateroom.config.function import Function, path_of, setting
from stateroom.config.functions.execution_role import has_own_role, own_role_id, role_of
from stateroom.config.functions.features import features
from stateroom.config.functions.handler_check import HandlerFile, missing_file
from stateroom.config.functions.image import image_properties
from stateroom.config.functions.invocation import compile_invocation
from stateroom.config.functions.leftovers import note_leftovers
from stateroom.config.functions.url import compile_url
from stateroom.config.functions.versions import compile_version
from stateroom.config.naming import log_group_id
from stateroom.config.packaging.code import CodePackages
from stateroom.errors import ConfigError
from stateroom.model.values import Secret, Value

_DEFAULT_RUNTIME: Final = "nodejs24.x"
_DEFAULT_MEMORY: Final = 1024  # MB
_DEFAULT_TIMEOUT: Final = 6  # seconds


def compile_functions(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Add a Lambda function, a log group and dependent resources for each. Raises ConfigError."""
    service = build.service
    service.check(keys.ECR, (), "provider", "ecr")
    packages = CodePackages(build, functions)
    for function in functions.values():
        image = function.config.get("image")
        if image and function.config.get("handler"):
            todo = "keep the handler, or the image"
            raise service.error("both a handler and an image", *function.path, todo=todo)
        if image:
            code, more = image_properties(build, function), dict[str, Value]()
        else:
            runtime = setting(build, function, "runtime") or _DEFAULT_RUNTIME
            module, first = packages.module_of(function), not build.postponed
            handler = HandlerFile.of(service, function.key, runtime)
            package = packages.of(function, runtime)
            artifact = packages.artifact_of(function)
            names = packages.names(package)
            missing = missing_file(service, handler, names, module, artifact=artifact, similar=first)
            if missing is None or packages.waits(function, package):
                pass
            elif setting(build, function, "layers"):
                build.warn(f"{missing.what}: one of its layers must have it")
            else:
                build.postponed.append(missing)
            code = {"Code": package, "Handler": handler.text, "Runtime": runtime}
            more = packages.environment(function)
        compile_function(build, function, code, more)
        compile_version(build, function)
        compile_url(build, function)
    for function in functions.values():
        compile_invocation(build, function, functions)


def compile_function(
    build: Compilation, function: Function, code: Mapping[str, Value], more: Mapping[str, Value]
) -> None:
    """Add one function, and its log group unless disabled.

    Args:
        build: the compilation.
        function: of the service.
        code: its code properties.
        more: variables that its build adds to its environment.
    """
    config = function.config
    logs = not config.get("disableLogs")
    if logs:
        _log_group(build, function)
    properties = {
        **code,
        "FunctionName": function.name,
        "MemorySize": _number(build, function, "memorySize", _DEFAULT_MEMORY),
        "Timeout": _number(build, function, "timeout", _DEFAULT_TIMEOUT),
        "Description": config.get("description") or None,
        "Role": role_of(build, function),
        "Environment": _environment(build, function, more),
        "Tags": tag_list(_merged(build, function, "tags")) or None,
        "Layers": setting(build, function, "layers"),
        **features(build, function),
    }
    depends_on: tuple[str, ...] = (own_role_id(function),) if has_own_role(build, function) else ()
    depends_on += (log_group_id(function.key),) if logs else ()
    depends_on += tuple(as_list(config.get("dependsOn")))
    type_ = "AWS::Lambda::Function"
    condition = config.get("condition")
    build.add(function.logical_id, type_, properties, function.path, depends_on=depends_on, condition=condition)


def _log_group(build: Compilation, function: Function) -> None:
    properties = {
        "LogGroupName": f"/aws/lambda/{function.name}",
        "RetentionInDays": setting(build, function, "logRetentionInDays"),
        "DataProtectionPolicy": setting(build, function, "logDataProtectionPolicy"),
    }
    build.add(log_group_id(function.key), "AWS::Logs::LogGroup", properties, function.path)


def _number(build: Compilation, function: Function, key: str, default: int) -> Value:
    value = setting(build, function, key)
    if not value:
        return default
    return int(value) if isinstance(value, str) else value


def _merged(build: Compilation, function: Function, key: str) -> dict[str, Value]:
    service = build.service
    return {**service.mapping("provider", key), **service.mapping(*function.path, key)}


def _environment(build: Compilation, function: Function, more: Mapping[str, Value]) -> Value:
    given = bool(more) or any(
        build.service.lookup(*path, "environment") is not None for path in (("provider",), function.path)
    )
    variables: dict[str, Value] = {}
    for name, value in {**_merged(build, function, "environment"), **more}.items():
        if value is None:
            continue
        try:
            variables[name] = value if isinstance(value, Secret) or intrinsic(value) else scalar_text(name, value)
        except ConfigError:
            own = name in build.service.mapping(*function.path, "environment")
            path = (*(function.path if own else ("provider",)), "environment", name)
            raise build.service.error("an environment variable is a text", *path, todo="write a text") from None
    note_leftovers(build, function.path, variables)
    return {"Variables": variables} if given else None


__all__ = ["compile_function", "compile_functions", "path_of", "setting"]
