"""Lambda function properties that differ in shape from their config key, with their grants."""

from __future__ import annotations

from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.function import Function, path_of, setting
from stateroom.model.values import Value

_XRAY: Final = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
_MOUNT: Final = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
_UPDATE_ON: Final = {"auto": "Auto", "onFunctionUpdate": "FunctionUpdate", "manual": "Manual"}
_LOGS: Final = {
    "applicationLogLevel": "ApplicationLogLevel",
    "logFormat": "LogFormat",
    "logGroup": "LogGroup",
    "systemLogLevel": "SystemLogLevel",
}


def features(build: Compilation, function: Function) -> dict[str, Value]:
    """Return the translated properties; None for a key that is not set. Raises ConfigError."""
    config = function.config
    architecture = setting(build, function, "architecture")
    size = config.get("ephemeralStorageSize")
    vpc = _vpc(build, function)
    return {
        "Architectures": [architecture] if architecture else None,
        "EphemeralStorage": {"Size": int(size) if isinstance(size, str) else size} if size else None,
        "ReservedConcurrentExecutions": config.get("reservedConcurrency"),
        "RecursiveLoop": config.get("recursiveLoop"),
        "SnapStart": {"ApplyOn": "PublishedVersions"} if config.get("snapStart") else None,
        "DeadLetterConfig": _dead_letters(build, function),
        "KmsKeyArn": _key(build, function),
        "TracingConfig": _tracing(build, function),
        "VpcConfig": vpc,
        "FileSystemConfigs": _file_systems(build, function, vpc),
        "RuntimeManagementConfig": _runtime_management(build, function),
        "LoggingConfig": _logging(build, function),
    }


def _dead_letters(build: Compilation, function: Function) -> Value:
    target = function.config.get("onError")
    if target is None:
        return None
    if isinstance(target, str):
        build.grant(["sns:Publish"], [target])
    return {"TargetArn": target}


def _key(build: Compilation, function: Function) -> Value:
    key = setting(build, function, "kmsKeyArn")
    if isinstance(key, str):
        build.grant(["kms:Decrypt"], [key])
    return key


def _tracing(build: Compilation, function: Function) -> Value:
    mode = function.config.get("tracing") or build.service.lookup("provider", "tracing", "lambda")
    if not mode:
        return None
    build.grant(_XRAY, ["*"])
    return {"Mode": "Active" if mode is True else mode}


def _vpc(build: Compilation, function: Function) -> Value:
    if "vpc" in function.config and function.config["vpc"] in (None, False):
        return None  # this function stays out of the provider's VPC
    service = build.service
    parts: dict[str, Value] = {}
    for path in (("provider", "vpc"), (*function.path, "vpc")):
        block = service.lookup(*path) or {}
        if intrinsic(block):
            todo = "write securityGroupIds: and subnetIds: below it"
            raise service.error("not a map of keys", *path, todo=todo)
        service.check(keys.VPC, (), *path)
        parts.update({key: value for key, value in block.items() if value})
    if not parts.get("securityGroupIds") or not parts.get("subnetIds"):
        return None
    return {
        "SecurityGroupIds": parts["securityGroupIds"],
        "SubnetIds": parts["subnetIds"],
        **({"Ipv6AllowedForDualStack": parts["ipv6AllowedForDualStack"]} if "ipv6AllowedForDualStack" in parts else {}),
    }


def _file_systems(build: Compilation, function: Function, vpc: Value) -> Value:
    block = function.config.get("fileSystemConfig")
    if not block:
        return None
    path = (*function.path, "fileSystemConfig")
    build.service.check(keys.FILE_SYSTEM, (), *path)
    if not block.get("arn") or not block.get("localMountPath"):
        raise build.service.error("incomplete", *path, todo="write arn: and localMountPath: below it")
    if vpc is None:
        raise build.service.error("needs a VPC", *path, todo="add vpc: to the function or the provider")
    build.grant(_MOUNT, [block["arn"]])
    return [{"Arn": block["arn"], "LocalMountPath": block["localMountPath"]}]


def _runtime_management(build: Compilation, function: Function) -> Value:
    service = build.service
    if function.config.get("image"):
        return None
    settings: dict[str, Value] = {"mode": "auto"}
    for path in (("provider", "runtimeManagement"), (*function.path, "runtimeManagement")):
        value = service.lookup(*path)
        if isinstance(value, dict):
            service.check(keys.RUNTIME_MANAGEMENT, (), *path)
            settings.update(value)
        elif value:
            settings["mode"] = value
    mode, path = str(settings["mode"]), path_of(function, "runtimeManagement")
    if mode not in _UPDATE_ON:
        raise service.error(f"{mode} is not a mode", *path, todo=f"write one of {', '.join(_UPDATE_ON)}")
    if mode == "auto":
        return None
    if mode == "manual" and not settings.get("arn"):
        raise service.error("no arn", *path, todo="add the ARN of the runtime version, or write auto")
    version = {"RuntimeVersionArn": settings["arn"]} if mode == "manual" else {}
    return {"UpdateRuntimeOn": _UPDATE_ON[mode], **version}


def _logging(build: Compilation, function: Function) -> Value:
    block = function.config.get("logs") or build.service.lookup("provider", "logs", "lambda")
    if not block:
        return None
    path = (*function.path, "logs") if function.config.get("logs") else ("provider", "logs", "lambda")
    build.service.check(keys.FUNCTION_LOGS, (), *path)
    return {cfn: block[key] for key, cfn in _LOGS.items() if block.get(key)} or None
