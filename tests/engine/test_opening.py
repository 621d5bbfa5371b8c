"""A home is named by a word or a directory, and opening one makes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.config.project import Project, open_project
from stateroom.engine.opening.factory import open_home
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import StateError, UsageError
from tests.support.emulators import Emulator


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "serverless.yml").write_text("service: shop\nprovider: {name: aws, region: eu-west-1}\n")
    return open_project(root, options={}, environment={})


@pytest.mark.parametrize(
    ("home", "label"),
    [(None, "serverless"), ("local", "directory .stateroom"), ("serverless", "serverless"), ("sst", "sst")],
)
def test_homes_by_name(project: Project, home: str | None, label: str) -> None:
    assert open_home(project, WorkspaceOptions(home=home)).label == label
    assert [path.name for path in project.root.iterdir()] == ["serverless.yml"]


def test_a_directory(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_home(project, WorkspaceOptions(home=str(tmp_path / "states"))).label == f"directory {tmp_path}/states"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "locals").mkdir()
    assert open_home(project, WorkspaceOptions(home="locals")).label == f"directory {tmp_path}/locals"


@pytest.mark.parametrize("home", ["serverles", "ssst", "locale"])
def test_a_slip_of_the_finger_makes_no_directory(project: Project, home: str) -> None:
    with pytest.raises(UsageError, match="there is no home called") as caught:
        open_home(project, WorkspaceOptions(home=home))
    assert f"./{home}" in caught.value.todo


COMPOSE = """\
state: our-states
stages:
  default:
    resolvers:
      account: {type: aws, region: eu-west-1, our-states: {type: s3, bucketName: shop-states}}
services:
  shop: {path: shop}
"""


def test_the_bucket_that_the_project_names(project: Project, moto: Emulator) -> None:
    (project.root.parent / "serverless-compose.yml").write_text(COMPOSE)
    compose = open_project(project.root.parent, options={}, environment={})
    home = open_home(compose, WorkspaceOptions(endpoint_url=moto.endpoint_url))
    assert home.label == "serverless bucket shop-states"
    with pytest.raises(StateError, match="the bucket shop-states does not exist"):
        home.load("shop", "dev")
    assert open_home(compose, WorkspaceOptions(home="local")).label == "directory .stateroom"
