"""Packages without a hash: what cannot be compared because nothing may be installed is taken to be as recorded.

A function version, and a layer that is kept, have their package's hash in their logical id, so the recorded one takes
the place of the one that cannot be named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from stateroom.model.resource import NOT_BUILT, Record, Resource, Template
from stateroom.model.values import Value

_CODE: Final = ("Code", "Content")  # of a function, of a layer


@dataclass(frozen=True, slots=True)
class AsRecorded:
    """A template with recorded values in place of those that are not built, and the resources that have such values."""

    template: Template
    not_built: frozenset[str]  # logical ids: nothing may be concluded from their packages


def as_recorded(template: Template, records: Mapping[str, Record]) -> AsRecorded:
    """Replace what is not built by what is recorded. What has never been recorded has no hash in its logical id."""
    if not template.not_built:
        return AsRecorded(template, frozenset())
    known = {name: _recorded(template, name, records) or stem for name, stem in template.placeholders.items()}
    resources = {known.get(name, name): _renamed(item, known) for name, item in template.resources.items()}
    unknown = set(known.values())
    for name, resource in resources.items():
        record = records.get(name)
        if record is not None and record.type != resource.type:
            continue
        if name in unknown:
            if record is not None:
                resources[name] = replace(resource, properties=record.inputs, depends_on=record.dependencies)
        elif keys := [key for key in _CODE if resource.properties.get(key) == {"ArtifactSha256": NOT_BUILT}]:
            before = {key: record.inputs[key] for key in keys if _is_package(record.inputs.get(key))} if record else {}
            resources[name] = replace(resource, properties={**resource.properties, **before})
            unknown.add(name)
    outputs = {name: replace(item, value=_rewritten(item.value, known)) for name, item in template.outputs.items()}
    return AsRecorded(replace(template, resources=resources, outputs=outputs), frozenset(unknown))


def _recorded(template: Template, placeholder: str, records: Mapping[str, Record]) -> str:
    """Return the recorded resource that a placeholder stands for; "" when there is none."""
    stem, type_ = template.placeholders[placeholder], template.resources[placeholder].type
    digest = re.compile(re.escape(stem) + f"[0-9a-f]{{{len(placeholder) - len(stem)}}}")
    return next((name for name, item in records.items() if item.type == type_ and digest.fullmatch(name)), "")


def _is_package(value: Value) -> bool:
    return isinstance(value, Mapping) and set(value) == {"ArtifactSha256"}


def _renamed(resource: Resource, known: Mapping[str, str]) -> Resource:
    return replace(
        resource,
        logical_id=known.get(resource.logical_id, resource.logical_id),
        properties=_rewritten(resource.properties, known),
        depends_on=tuple(known.get(name, name) for name in resource.depends_on),
    )


def _rewritten(value: Value, known: Mapping[str, str]) -> Value:
    """Return a copy of a value that refers to the recorded resources. The compilers refer by Ref and Fn::GetAtt."""
    if isinstance(value, Mapping):
        if set(value) == {"Ref"} and value["Ref"] in known:
            return {"Ref": known[value["Ref"]]}
        parts = value.get("Fn::GetAtt")
        if isinstance(parts, list) and parts and parts[0] in known:
            return {"Fn::GetAtt": [known[parts[0]], *parts[1:]]}
        return {key: _rewritten(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(item, known) for item in value]
    return value
