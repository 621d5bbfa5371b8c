"""Compile a service's `layers:` to layer versions and their permissions."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.naming import layer_id, normalised
from stateroom.config.packaging.code import CodePackages
from stateroom.config.packaging.requirement_sources import PATH
from stateroom.model.resource import NOT_BUILT
from stateroom.model.values import Value

_COPIED: Final = {
    "description": "Description",
    "licenseInfo": "LicenseInfo",
    "compatibleRuntimes": "CompatibleRuntimes",
    "compatibleArchitectures": "CompatibleArchitectures",
}


def compile_layers(build: Compilation) -> None:
    """Add each layer version, permissions for `allowedAccounts`, and the output. Raises ConfigError."""
    service = build.service
    packages = CodePackages(build, {})
    generated = packages.generated_layers()
    for key, block in {**service.mapping("layers"), **generated}.items():
        path = PATH if key in generated else ("layers", key)
        if not isinstance(block, dict):
            raise service.error("not a map", *path, todo="write path: below it")
        if key not in generated:
            service.check(keys.LAYER, (), *path)
        properties = {
            "Content": packages.of_layer(key, block),
            "LayerName": block.get("name") or key,
            **{cfn: block.get(ours) for ours, cfn in _COPIED.items()},
        }
        # A layer that is retained is a new resource for every content, so that the old one stays.
        suffix = _digest(properties) if block.get("retain") else ""
        logical_id = layer_id(key) + suffix
        if suffix and properties["Content"] == {"ArtifactSha256": NOT_BUILT}:
            build.placeholders[logical_id] = layer_id(key)
        retain = bool(block.get("retain"))
        build.add(logical_id, "AWS::Lambda::LayerVersion", properties, path, retain=retain)
        for account in block.get("allowedAccounts") or ():
            _allow(build, key, str(account), logical_id, suffix, path)
        build.add_output(f"{layer_id(key)}QualifiedArn", {"Ref": logical_id}, "Current Lambda layer version")


def _allow(build: Compilation, key: str, account: str, layer: str, suffix: str, path: KeyPath) -> None:
    properties: dict[str, Value] = {
        "Action": "lambda:GetLayerVersion",
        "LayerVersionArn": {"Ref": layer},
        "Principal": account,
    }
    logical_id = f"{normalised(key)}{account.replace('*', 'Wild')}LambdaLayerPermission{suffix}"
    type_ = "AWS::Lambda::LayerVersionPermission"
    build.add(logical_id, type_, properties, path, retain=bool(suffix))


def _digest(properties: Value) -> str:
    text = json.dumps(properties, sort_keys=True, default=repr)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
