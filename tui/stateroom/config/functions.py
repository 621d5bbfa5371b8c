"""`functions:` → Lambda functions and their log groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config import keys
from stateroom.config.artifacts import package, prebuilt
from stateroom.config.build import Build, listed, pairs
from stateroom.config.document import KeyPath
from stateroom.config.function import Function
from stateroom.config.handler import check_handler
from stateroom.config.iam import role_of
from stateroom.config.intrinsics import intrinsic, scalar_text
from stateroom.config.naming import log_group_id
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_DEFAULT_RUNTIME: Final = "nodejs20.x"
_DEFAULT_MEMORY: Final = 1024  # MB
_DEFAULT_TIMEOUT: Final = 6  # seconds
# Our key → CloudFormation's, for what needs no translation. A function's own value beats the provider's.
_COPIED: Final = {
    "description": "Description",
    "layers": "Layers",
    "kmsKeyArn": "KmsKeyArn",
    "reservedConcurrency": "ReservedConcurrentExecutions",
}


def compile_functions(build: Build, functions: Mapping[str, Function]) -> None:
    """Add a Lambda function and a log group for each. Raises ConfigError."""
    if not functions:
        return
    code = _code(build)
    for function in functions.values():
        check_handler(build.service, function.key, _setting(build, function, "runtime") or _DEFAULT_RUNTIME)
        own = function.config.get("package")
        compile_function(build, function, _code_of(build, function, own) if own else code)


def _code(build: Build) -> Value:
    """The service's package, which all of its functions share."""
    service = build.service
    block = service.mapping("package")
    service.check(keys.PACKAGE, (), "package")
    if isinstance(block.get("artifact"), str):
        artifact = prebuilt(service.root / block["artifact"], build.settings.build_dir)
    else:
        artifact = package(service.root, _patterns(build), build.settings.build_dir)
    if block.get("individually"):
        build.warn("package.individually is not supported yet: all functions of the service share one package")
    build.artifacts[artifact.sha256] = artifact
    return {"ArtifactSha256": artifact.sha256}


def _code_of(build: Build, function: Function, own: Value) -> Value:
    service = build.service
    path = (*function.path, "package")
    service.check(keys.PACKAGE, (), *path)
    if not isinstance(own.get("artifact"), str):
        build.warn(f"{function.key}: package settings of single functions are not supported yet: they are ignored")
        return _code(build)
    artifact = prebuilt(service.root / own["artifact"], build.settings.build_dir)
    build.artifacts[artifact.sha256] = artifact
    return {"ArtifactSha256": artifact.sha256}


def _patterns(build: Build) -> list[str]:
    block = build.service.mapping("package")
    excluded = [f"!{pattern}" for pattern in listed(block.get("exclude"))]
    return [*excluded, *listed(block.get("include")), *listed(block.get("patterns"))]


def compile_function(build: Build, function: Function, code: Value) -> None:
    """Add one function, and its log group unless it disables logs."""
    config = function.config
    logs = not config.get("disableLogs")
    if logs:
        _log_group(build, function)
    properties = {
        "Code": code,
        "FunctionName": function.name,
        "Handler": config.get("handler"),
        "Runtime": _setting(build, function, "runtime") or _DEFAULT_RUNTIME,
        "MemorySize": _number(build, function, "memorySize", _DEFAULT_MEMORY),
        "Timeout": _number(build, function, "timeout", _DEFAULT_TIMEOUT),
        "Role": role_of(build, function),
        "Environment": _environment(build, function),
        "Tags": pairs(_merged(build, function, "tags")) or None,
        **{cfn: _setting(build, function, ours) for ours, cfn in _COPIED.items()},
        **_translated(build, function),
    }
    depends_on = (log_group_id(function.key),) if logs else ()
    depends_on += tuple(listed(config.get("dependsOn")))
    build.add(function.logical_id, "AWS::Lambda::Function", properties, function.path, depends_on=depends_on)


def _log_group(build: Build, function: Function) -> None:
    properties = {
        "LogGroupName": f"/aws/lambda/{function.name}",
        "RetentionInDays": _setting(build, function, "logRetentionInDays"),
    }
    build.add(log_group_id(function.key), "AWS::Logs::LogGroup", properties, function.path)


def _setting(build: Build, function: Function, key: str) -> Value:
    value = function.config.get(key)
    return build.service.lookup("provider", key) if value is None else value


def _number(build: Build, function: Function, key: str, default: int) -> Value:
    value = _setting(build, function, key)
    if value is None:
        return default
    return int(value) if isinstance(value, str) else value


def _path_of(function: Function, key: str) -> KeyPath:
    return (*function.path, key) if function.config.get(key) is not None else ("provider", key)


def _merged(build: Build, function: Function, key: str) -> dict[str, Value]:
    service = build.service
    return {**service.mapping("provider", key), **service.mapping(*function.path, key)}


def _environment(build: Build, function: Function) -> Value:
    variables: dict[str, Value] = {}
    for name, value in _merged(build, function, "environment").items():
        if value is None:
            continue
        try:
            variables[name] = value if intrinsic(value) else scalar_text(name, value)
        except ConfigError:
            own = name in build.service.mapping(*function.path, "environment")
            path = (*(function.path if own else ("provider",)), "environment", name)
            raise build.service.error("an environment variable is a text", *path, todo="write a text") from None
    return {"Variables": variables} if variables else None


def _translated(build: Build, function: Function) -> dict[str, Value]:
    """Properties whose shape differs from the key's."""
    service = build.service
    properties: dict[str, Value] = {}
    architecture = _setting(build, function, "architecture")
    if architecture:
        properties["Architectures"] = [architecture]
    if function.config.get("ephemeralStorageSize"):
        properties["EphemeralStorage"] = {"Size": function.config["ephemeralStorageSize"]}
    tracing = function.config.get("tracing", service.lookup("provider", "tracing", "lambda"))
    if tracing:
        properties["TracingConfig"] = {"Mode": "Active" if tracing is True else tracing}
    vpc = _setting(build, function, "vpc")
    build.service.check(keys.VPC, (), *_path_of(function, "vpc"))
    if vpc and vpc.get("securityGroupIds") and vpc.get("subnetIds"):
        properties["VpcConfig"] = {"SecurityGroupIds": vpc["securityGroupIds"], "SubnetIds": vpc["subnetIds"]}
    return properties
