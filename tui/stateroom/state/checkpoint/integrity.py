"""Integrity rules of checkpoints, checked on every read and before every write.

They are Pulumi's own (pulumi/pulumi pkg/resource/deploy/snapshot.go, VerifyIntegrity): a state that breaks one is
refused by Pulumi and SST, so stateroom must neither write one nor build on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stateroom.errors import StateError
from stateroom.model.values import Value

REPAIR: Final = "`stateroom state repair` puts it right; `stateroom versions` lists earlier states"
_PROVIDER_PREFIX = "pulumi:providers:"


def check(deployment: Mapping[str, Value]) -> None:
    """Raise StateError when a deployment (`checkpoint.latest`) breaks a rule; the message names the first one."""
    problem = next(problems(deployment), None)
    if problem:
        raise StateError(f"state integrity failure: {problem}", todo=REPAIR)


def problems(deployment: Mapping[str, Value]) -> Iterator[str]:
    """Yield every broken rule, in file order."""
    manifest = deployment.get("manifest") or {}
    yield from _magic(manifest)
    resources = deployment.get("resources") or []
    malformed = [problem for index, item in enumerate(resources) for problem in _shape(index, item)]
    yield from malformed
    if not malformed:
        yield from _references(resources)


def magic_of(version: str) -> str:
    """Return the manifest's checksum: SHA-256 of its version text, hex."""
    return hashlib.sha256(version.encode()).hexdigest()


def references(resource: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield (kind, URN) of every resource that must precede this one, without its provider."""
    if parent := resource.get("parent"):
        yield "parent", parent
    for urn in resource.get("dependencies") or ():
        yield "dependency", urn
    for urns in (resource.get("propertyDependencies") or {}).values():
        for urn in urns or ():
            yield "property dependency", urn
    if deleted_with := resource.get("deletedWith"):
        yield "deletedWith", deleted_with
    for urn in resource.get("replaceWith") or ():
        yield "replaceWith", urn


def _magic(manifest: Value) -> Iterator[str]:
    if not isinstance(manifest, Mapping):
        yield "the manifest is not an object"
        return
    magic, version = manifest.get("magic") or "", manifest.get("version") or ""
    if (magic or version) and magic != magic_of(str(version)):
        yield "the manifest's checksum does not match its version"


def _shape(index: int, resource: Value) -> Iterator[str]:
    if not isinstance(resource, Mapping):
        yield f"resource number {index} is not an object"
        return
    urn = resource.get("urn")
    if not urn or not isinstance(urn, str):
        yield f"resource number {index} has no URN"
    elif not resource.get("type") or not isinstance(resource["type"], str):
        yield f"resource {urn} has no type"
    elif not resource.get("custom") and resource.get("id"):
        yield f"resource {urn} is a component but has an id"
    else:
        yield from _reference_shape(urn, resource)


def _reference_shape(urn: str, resource: Mapping[str, Value]) -> Iterator[str]:
    try:
        well_formed = all(isinstance(target, str) for _, target in references(resource))
    except (AttributeError, TypeError):
        well_formed = False
    if not well_formed:
        yield f"resource {urn} has dependencies that are not URNs"
    if not isinstance(resource.get("provider") or "", str):
        yield f"resource {urn} has a provider that is not a reference"


def _references(resources: Sequence[Mapping[str, Value]]) -> Iterator[str]:
    everywhere = {resource["urn"] for resource in resources}
    seen: set[str] = set()
    living: set[str] = set()
    providers: set[str] = set()
    for resource in resources:
        urn = resource["urn"]
        if resource["type"].startswith(_PROVIDER_PREFIX):
            if not resource.get("id"):
                yield f"provider {urn} has no id"
            providers.add(f"{urn}::{resource.get('id')}")
        provider = resource.get("provider")
        if provider and provider not in providers and not resource.get("pendingReplacement"):
            yield f"resource {urn} refers to unknown provider {provider}"
        for kind, target in references(resource):
            if target not in seen:
                yield _missing(urn, kind, target, later=target in everywhere)
        if not resource.get("delete"):
            if urn in living:
                yield f"duplicate resource {urn} (not marked for deletion)"
            living.add(urn)
        seen.add(urn)


def _missing(urn: str, kind: str, target: str, *, later: bool) -> str:
    if kind == "parent":
        return (
            f"child resource {urn}'s parent {target} comes after it"
            if later
            else (f"child resource {urn} refers to missing parent {target}")
        )
    if later:
        return f"resource {urn}'s {kind} {target} comes after it"
    return f"resource {urn} refers to missing {kind} {target}"
