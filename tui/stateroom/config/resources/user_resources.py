"""Merge `resources:`, the user's own CloudFormation, over the generated resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import suggestion
from stateroom.model.resource import Output, Resource
from stateroom.model.values import Value

RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_POLICIES: Final = RETAINED | {"Delete", "Snapshot"}
_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Rules", "Transform", "Hooks", "Metadata", "Description")
# An extension's keys that replace what is there; Properties and Metadata are replaced key by key, DependsOn grows.
_REPLACED: Final = ("Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")


def resource_blocks(build: Compilation) -> list[tuple[KeyPath, Mapping[str, Value]]]:
    """Return the maps under `resources:`, one or a list, with their paths. Raises ConfigError."""
    service = build.service
    value = service.lookup("resources")
    given = value if isinstance(value, list) else [value or {}]
    blocks: list[tuple[KeyPath, Mapping[str, Value]]] = []
    for index, block in enumerate(given):
        path: KeyPath = ("resources", index) if isinstance(value, list) else ("resources",)
        if block is None:
            continue
        if not isinstance(block, dict):
            raise service.error("not a map", *path, todo="write Resources: and Outputs: below it")
        service.check(keys.RESOURCES, (), *path)
        blocks.append((path, block))
    return blocks


def resource_names(build: Compilation) -> frozenset[str]:
    """Return the logical ids under `resources:`."""
    return frozenset(name for path, _ in resource_blocks(build) for name in build.service.mapping(*path, "Resources"))


def merge_resources(build: Compilation) -> None:
    """Add the user's resources and sections, merging over generated ids. Raises ConfigError."""
    blocks = resource_blocks(build)
    for path, block in blocks:
        for section in _SECTIONS:
            if block.get(section) is not None:
                build.sections[section] = merged(build.sections.get(section), block[section])
        for logical_id in build.service.mapping(*path, "Resources"):
            _merge(build, logical_id, (*path, "Resources", logical_id))
    for path, _ in blocks:
        for logical_id in build.service.mapping(*path, "extensions"):
            _extend(build, logical_id, (*path, "extensions", logical_id))


def _merge(build: Compilation, logical_id: str, path: KeyPath) -> None:
    service = build.service
    block = service.lookup(*path)
    if not isinstance(block, dict):
        raise service.error("not a map", *path, todo="write Type: and Properties: below it")
    if not logical_id.isalnum() or not logical_id.isascii():
        raise service.error("not a logical id", *path, todo="use letters and digits only")
    service.check(keys.RESOURCE, (), *path)
    known = build.resources.get(logical_id)
    type_ = block.get("Type") or (known.type if known else None)
    if not isinstance(type_, str) or not type_:
        raise service.error("no Type", *path, todo="add one, such as Type: AWS::SQS::Queue")
    if known and known.type != type_:
        raise service.error(
            f"{logical_id} is generated as {known.type}", *path, "Type", todo="choose another logical id"
        )
    own = {key: value for key, value in block.items() if key not in ("Type", "Properties", "DependsOn")}
    build.attributes[logical_id] = merged(build.attributes.get(logical_id, {}), own)
    build.paths[logical_id] = path
    properties = service.mapping(*path, "Properties")
    depends_on = as_list(block.get("DependsOn"))
    build.resources[logical_id] = Resource(
        logical_id,
        type_,
        merged(known.properties, properties) if known else properties,
        tuple(merged(list(known.depends_on), depends_on) if known else depends_on),
        _retained(build, logical_id, path),
        service.where(*path),
    )


def _extend(build: Compilation, logical_id: str, path: KeyPath) -> None:
    service = build.service
    known = build.resources.get(logical_id)
    if known is None:
        todo = suggestion(logical_id, build.resources)
        raise service.error(f"there is no resource {logical_id} to extend", *path, todo=todo)
    service.check(keys.EXTENSION, (), *path)
    block = service.mapping(*path)
    attributes = build.attributes.setdefault(logical_id, {})
    attributes.update({key: block[key] for key in _REPLACED if key in block})
    if "Metadata" in block:
        attributes["Metadata"] = {**attributes.get("Metadata", {}), **block["Metadata"]}
    build.resources[logical_id] = replace(
        known,
        properties={**known.properties, **service.mapping(*path, "Properties")},
        depends_on=known.depends_on + tuple(as_list(block.get("DependsOn"))),
        retain=_retained(build, logical_id, path),
    )


def _retained(build: Compilation, logical_id: str, path: KeyPath) -> bool:
    policy = str(build.attributes.get(logical_id, {}).get("DeletionPolicy") or "Delete")
    if policy not in _POLICIES:
        todo = suggestion(policy, _POLICIES)
        raise build.service.error(f"{policy} is not a DeletionPolicy", *path, "DeletionPolicy", todo=todo)
    return policy in RETAINED


def merged(below: Value, above: Value) -> Value:
    """Merge two values: maps by key, lists by index; else `above` wins."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: merged(below[key], item) if key in below else item for key, item in above.items()}}
    if isinstance(below, list) and isinstance(above, list):
        both = [merged(first, second) for first, second in zip(below, above, strict=False)]
        return [*both, *below[len(above) :], *above[len(below) :]]
    return above


def merge_outputs(build: Compilation) -> None:
    """Add the user's outputs. Raises ConfigError."""
    service = build.service
    for path in output_paths(build):
        name = str(path[-1])
        service.check(keys.OUTPUT, (), *path)
        output = service.mapping(*path)
        known = build.outputs.get(name)
        value = merged(known.value, output.get("Value")) if known and "Value" in output else output.get("Value")
        if value is None and known is None:
            raise service.error("no Value", *path, todo="add one, such as Value: !Ref Queue")
        description = output.get("Description") or (known.description if known else "")
        value = known.value if value is None and known else value
        build.outputs[name] = Output(value, str(description), service.where(*path))
        own = {key: output[key] for key in ("Export", "Condition") if output.get(key) is not None}
        build.output_attributes[name] = merged(build.output_attributes.get(name, {}), own)


def output_paths(build: Compilation) -> Iterator[KeyPath]:
    """Yield the paths of the user's outputs."""
    for path, _ in resource_blocks(build):
        for name in build.service.mapping(*path, "Outputs"):
            yield (*path, "Outputs", name)
