"""Our packages of handlers in TypeScript are those of serverless-esbuild, byte for byte. Opt-in: STATEROOM_ORACLE=1."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import pytest

from stateroom.config.compile_options import CompileOptions
from stateroom.config.compiler import compile_service
from stateroom.config.project import open_project
from stateroom.programs.access import ProgramAccess
from tests.oracle.peer import PROJECTS, available, install
from tests.oracle.report import against_the_framework

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),  # the first test installs the framework
]
PACKAGES: Final = ("serverless-esbuild@1.55.1", "esbuild@0.25.12")
BUNDLED: Final = sorted(PROJECTS.parent.joinpath("bundled").iterdir())


@pytest.mark.parametrize("project", BUNDLED, ids=lambda path: path.name)
def test_a_package_holds_what_the_plugin_puts_into_it(project: Path, tmp_path: Path) -> None:
    peer = install(*PACKAGES)
    peer.package(project)
    here = peer.copy(project)
    theirs = {path.stem: _contents(path) for path in (here / ".serverless").glob("*.zip")}
    programs = ProgramAccess(peer.root, lambda _use: "")
    settings = CompileOptions(None, None, {}, {}, {}, tmp_path, sources=True, programs=programs)
    opened = open_project(here, options={}, environment={}, programs=programs)
    template = compile_service(opened, next(iter(opened.services)), settings)
    for resource in template.resources.values():
        if resource.type == "AWS::Lambda::Function":
            key = resource.properties["FunctionName"].rpartition("-")[2]
            artifact = template.artifacts[resource.properties["Code"]["ArtifactSha256"]]
            assert _contents(artifact.path) == theirs.get(key, theirs.get(project.name))


@pytest.mark.parametrize("project", BUNDLED, ids=lambda path: path.name)
def test_a_bundled_project_compiles_to_what_the_framework_makes_of_it(project: Path) -> None:
    found = against_the_framework(project, *PACKAGES)
    assert found.total > 0
    assert found.lines == ()


def _contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
