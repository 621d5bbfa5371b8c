"""Compile function versions, and the aliases that provisioned concurrency and SnapStart need."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.function import Function
from stateroom.config.naming import version_id
from stateroom.model.resource import NOT_BUILT
from stateroom.model.values import Secret, Value

# Of the function as a whole, not of one version of it.
_GLOBAL: Final = frozenset({"ReservedConcurrentExecutions", "Tags"})


def compile_version(build: Compilation, function: Function) -> None:
    """Add a version of the function, an alias when needed, and the output. Raises ConfigError."""
    config, service = function.config, build.service
    wanted = config.get("versionFunction")
    if wanted is None:
        wanted = service.lookup("provider", "versionFunctions") is not False
    provisioned = config.get("provisionedConcurrency")
    if provisioned and config.get("snapStart"):
        todo = "remove provisionedConcurrency or snapStart"
        raise service.error("SnapStart excludes provisioned concurrency", *function.path, "snapStart", todo=todo)
    if not wanted and not function.alias:
        return
    properties = build.resources[function.logical_id].properties
    frozen = _frozen(build, properties)
    logical_id = version_id(function.key, hashlib.sha256(frozen.encode()).hexdigest()[:43])
    if f'"{NOT_BUILT}"' in frozen:
        build.placeholders[logical_id] = version_id(function.key, "")
    version = {
        "FunctionName": {"Ref": function.logical_id},
        "Description": config.get("description") or None,
        "CodeSha256": _code_digest(properties["Code"]),
    }
    # Old versions stay when they leave the config, until their function goes.
    build.add(logical_id, "AWS::Lambda::Version", version, function.path, retain=bool(wanted))
    build.add_output(f"{function.logical_id}QualifiedArn", {"Ref": logical_id}, "Current Lambda function version")
    if function.alias and function.alias_id:
        alias = {
            "FunctionName": {"Ref": function.logical_id},
            "FunctionVersion": {"Fn::GetAtt": [logical_id, "Version"]},
            "Name": function.alias,
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": provisioned} if provisioned else None,
        }
        depends_on = (function.logical_id,)
        build.add(function.alias_id, "AWS::Lambda::Alias", alias, function.path, depends_on=depends_on)


def _code_digest(code: Value) -> str | None:
    """Return the code digest in Lambda's format: base64 of a package's SHA-256, hex of an image's."""
    if "ArtifactSha256" in code:
        if code["ArtifactSha256"] == NOT_BUILT:
            return None
        return base64.b64encode(bytes.fromhex(code["ArtifactSha256"])).decode()
    _, _, digest = str(code.get("ImageUri", "")).partition("@sha256:")
    return digest or None


def _frozen(build: Compilation, properties: Value) -> str:
    """Return what a version freezes, as JSON: code, configuration, local layers."""
    frozen = {key: value for key, value in properties.items() if key not in _GLOBAL}
    layers = [
        build.resources[layer["Ref"]].properties
        for layer in frozen.get("Layers") or ()
        if isinstance(layer, dict) and layer.get("Ref") in build.resources
    ]
    return json.dumps([frozen, layers], sort_keys=True, default=_revealed)


def _revealed(value: object) -> str:
    return str(value.reveal()) if isinstance(value, Secret) else repr(value)
