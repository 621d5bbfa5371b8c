"""Compare packages with what Lambda takes: a zip in one call, and a function unzipped with its layers."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from stateroom.cloud.aws.limits import LAMBDA_QUOTAS, UNZIPPED
from stateroom.config.document.intrinsics import references_in
from stateroom.model.package import LARGEST_UPLOAD
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Artifact, Resource, Template

_CODE: Final[Mapping[str, str]] = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_TODO: Final = "exclude what is not needed with package.patterns, move libraries to a layer, or deploy it as an image"
_MIB: Final = 1024 * 1024


def package_problems(
    target: Template, names: Iterable[str], fetched: Callable[[], bool]
) -> dict[str, tuple[Problem, ...]]:
    """Return what is too large among some resources, by logical id: packages that Lambda would refuse.

    `fetched`: tells whether Lambda can fetch a large zip from the home's bucket in its own region.
    """
    unzipped = cache(_unzipped)  # functions share packages
    found = {name: tuple(_problems(target.resources[name], target, fetched, unzipped)) for name in names}
    return {name: problems for name, problems in found.items() if problems}


def _problems(
    resource: Resource, target: Template, fetched: Callable[[], bool], unzipped: Callable[[Path], int]
) -> Iterator[Problem]:
    artifact = _artifact(resource, target)
    if artifact is None:
        return
    name = _CODE[resource.type]
    if artifact.size > LARGEST_UPLOAD and not fetched():
        why = "with the call, and this home has no bucket in the region that Lambda could fetch it from"
        yield _too_large("its zip", artifact.size, LARGEST_UPLOAD, why, name)
    layers = [found for layer in _layers(resource, target) if (found := _artifact(layer, target)) is not None]
    size = sum(unzipped(item.path) for item in (artifact, *layers))
    if size > UNZIPPED:
        parts = "its package unzipped, with the layers of this service," if layers else "its package unzipped"
        yield _too_large(parts, size, UNZIPPED, "of a function and its layers", name)


def _too_large(what: str, size: int, most: int, why: str, name: str) -> Problem:
    text = f"{what} is {size / _MIB:.0f} MB, Lambda takes {most // _MIB} MB {why}"
    return Problem(text, f"{_TODO} ({LAMBDA_QUOTAS})", (name,))


def _artifact(resource: Resource, target: Template) -> Artifact | None:
    code: Any = resource.properties.get(_CODE.get(resource.type, ""))
    return target.artifacts.get(str(code.get("ArtifactSha256"))) if isinstance(code, Mapping) else None


def _layers(resource: Resource, target: Template) -> Iterator[Resource]:
    for logical_id in {name for name, _ in references_in(resource.properties.get("Layers") or ())}:
        if logical_id in target.resources:
            yield target.resources[logical_id]


def _unzipped(path: Path) -> int:
    """Return the bytes of a zip's files, from its directory; 0 when it cannot be read here."""
    try:
        with zipfile.ZipFile(path) as package:
            return sum(item.file_size for item in package.infolist())
    except (OSError, zipfile.BadZipFile):
        return 0
