"""`resources:` → CloudFormation resources and outputs as the user wrote them, merged over the generated ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config import keys
from stateroom.config.build import Build, listed
from stateroom.config.document import KeyPath
from stateroom.config.intrinsics import calls_in, references_in
from stateroom.config.suggest import suggestion
from stateroom.config.template import SUPPORTED
from stateroom.errors import ConfigError
from stateroom.model.resource import Output, Resource
from stateroom.model.values import Value

_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_POLICIES: Final = _RETAINED | {"Delete", "Snapshot"}


def resource_blocks(build: Build) -> list[tuple[KeyPath, Mapping[str, Value]]]:
    """The maps under `resources:`, one or a list, each with its path. Raises ConfigError."""
    service = build.service
    value = service.lookup("resources")
    listed = value if isinstance(value, list) else [value or {}]
    blocks: list[tuple[KeyPath, Mapping[str, Value]]] = []
    for index, block in enumerate(listed):
        path: KeyPath = ("resources", index) if isinstance(value, list) else ("resources",)
        if block is None:
            continue
        if not isinstance(block, dict):
            raise service.error("not a map", *path, todo="write Resources: and Outputs: below it")
        service.check(keys.RESOURCES, keys.RESOURCES_LATER, *path)
        blocks.append((path, block))
    return blocks


def resource_names(build: Build) -> frozenset[str]:
    """The logical ids under `resources:`."""
    return frozenset(name for path, _ in resource_blocks(build) for name in build.service.mapping(*path, "Resources"))


def merge_resources(build: Build) -> None:
    """Add the user's resources; one with a generated resource's id changes that one. Raises ConfigError."""
    for path, _ in resource_blocks(build):
        for logical_id in build.service.mapping(*path, "Resources"):
            _merge(build, logical_id, (*path, "Resources", logical_id))


def _merge(build: Build, logical_id: str, path: KeyPath) -> None:
    service = build.service
    block = service.lookup(*path)
    if not isinstance(block, dict):
        raise service.error("not a map", *path, todo="write Type: and Properties: below it")
    if not logical_id.isalnum() or not logical_id.isascii():
        raise service.error("not a logical id", *path, todo="use letters and digits only")
    service.check(keys.RESOURCE, keys.RESOURCE_LATER, *path)
    properties = service.mapping(*path, "Properties")
    generated = build.resources.get(logical_id)
    type_ = block.get("Type") or (generated.type if generated else None)
    if not isinstance(type_, str) or not type_:
        raise service.error("no Type", *path, todo="add one, such as Type: AWS::SQS::Queue")
    if generated and generated.type != type_:
        raise service.error(
            f"{logical_id} is generated as {generated.type}", *path, "Type", todo="choose another logical id"
        )
    policy = block.get("DeletionPolicy") or "Delete"
    if str(policy) not in _POLICIES:
        raise service.error(
            f"{policy} is not a DeletionPolicy", *path, "DeletionPolicy", todo=suggestion(str(policy), _POLICIES)
        )
    build.paths[logical_id] = path
    build.resources[logical_id] = Resource(
        logical_id,
        type_,
        merged(generated.properties, properties) if generated else properties,
        (generated.depends_on if generated else ()) + tuple(listed(block.get("DependsOn"))),
        str(policy) in _RETAINED or bool(generated and generated.retain),
        service.where(*path),
    )


def merged(below: Value, above: Value) -> Value:
    """Two values as the framework merges them: maps by key, lists by index, else the one above wins."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: merged(below[key], item) if key in below else item for key, item in above.items()}}
    if isinstance(below, list) and isinstance(above, list):
        both = [merged(first, second) for first, second in zip(below, above, strict=False)]
        return [*both, *below[len(above) :], *above[len(below) :]]
    return above


def merge_outputs(build: Build) -> None:
    """Add the user's outputs. Raises ConfigError."""
    service = build.service
    for block_path, _ in resource_blocks(build):
        for name in service.mapping(*block_path, "Outputs"):
            path = (*block_path, "Outputs", name)
            output = service.mapping(*path)
            service.check(keys.OUTPUT, {"Condition"}, *path)
            if output.get("Value") is None:
                raise service.error("no Value", *path, todo="add one, such as Value: !Ref Queue")
            build.outputs[name] = Output(output["Value"], str(output.get("Description") or ""))


def check_references(build: Build) -> None:
    """Every reference names a resource of the service, and every intrinsic is one we know. Raises ConfigError."""
    for resource in build.resources.values():
        path = build.paths[resource.logical_id]
        _check(build, resource.logical_id, resource.properties, path)
        for name in resource.depends_on:
            if name not in build.resources:
                raise _unknown(build, f"DependsOn: {name}", name, path)
    for name, output in build.outputs.items():
        _check(build, f"the output {name}", output.value, _output_path(build, name))


def _output_path(build: Build, name: str) -> KeyPath:
    for path, _ in resource_blocks(build):
        if name in build.service.mapping(*path, "Outputs"):
            return (*path, "Outputs", name)
    return ("resources",)


def _check(build: Build, owner: str, value: Value, path: KeyPath) -> None:
    service = build.service
    for function, _ in calls_in(value):
        if function not in SUPPORTED:
            supported = ", ".join(sorted(name for name in SUPPORTED if name != "Fn::ServiceOutput"))
            raise service.error(f"{function} is not supported yet", *path, why=f"in {owner}", todo=f"use {supported}")
    try:
        for logical_id, attribute in references_in(value):
            if logical_id not in build.resources:
                written = f"{logical_id}.{attribute}" if attribute else logical_id
                raise _unknown(build, f"in {owner}: {written}", logical_id, path)
    except ConfigError as error:
        if error.where is not None:
            raise
        raise service.error(error.what, *path, why=error.why, todo=error.todo) from None


def _unknown(build: Build, why: str, logical_id: str, path: KeyPath) -> ConfigError:
    todo = suggestion(logical_id, build.resources) or "add it under resources.Resources"
    return build.service.error(f"there is no resource {logical_id}", *path, why=why, todo=todo)
