"""Where a state lives: where somebody said, else where it was deployed from here, else `state:`, else the account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.config.project import Project, open_project
from stateroom.engine.opening.factory import open_home
from stateroom.engine.opening.home_choice import account_home, project_home
from stateroom.engine.opening.project_loading import settings_of
from stateroom.engine.opening.sst_app import find_sst_app
from stateroom.engine.opening.which_home import ELSEWHERE, HomeEvidence, checked_home, choose_home
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError, UsageError

SAID = {"flag": "--home", "variable": "STATEROOM_HOME", "file": "custom.stateroom.home"}


@pytest.mark.parametrize(
    ("evidence", "name", "because"),
    [
        (HomeEvidence(), "serverless", "the account's bucket"),
        (HomeEvidence(bucket=True), "serverless", "state:"),
        (HomeEvidence(deployed_here=True), "local", "deployed from here before"),
        (HomeEvidence(deployed_here=True, bucket=True), "local", "deployed from here before"),
        (HomeEvidence(file="local"), "local", SAID["file"]),
        (HomeEvidence(file="serverless", deployed_here=True), "serverless", SAID["file"]),
        (HomeEvidence(file="/states", bucket=True), "/states", SAID["file"]),
        (HomeEvidence(variable="sst", file="local"), "sst", SAID["variable"]),
        (HomeEvidence(variable="serverless", deployed_here=True), "serverless", SAID["variable"]),
        (HomeEvidence(flag="local", variable="sst", file="serverless", bucket=True), "local", SAID["flag"]),
        (HomeEvidence(flag="./states", deployed_here=True), "./states", SAID["flag"]),
        (HomeEvidence(flag="serverless", deployed_here=True), "serverless", SAID["flag"]),
    ],
)
def test_the_table(evidence: HomeEvidence, name: str, because: str) -> None:
    choice = choose_home(evidence)
    assert (choice.name, choice.because) == (name, because)


def test_two_places_are_told_apart() -> None:
    assert "--home serverless" in choose_home(HomeEvidence(deployed_here=True, bucket=True)).warning
    assert not choose_home(HomeEvidence(deployed_here=True)).warning


@pytest.mark.parametrize(
    "word", [*sorted(ELSEWHERE), "AWS", "S3", "Local", "SST", "Cloudflare", "s3://bucket", "file:///states", "gs://b/p"]
)
@pytest.mark.parametrize("said", SAID)
def test_a_kind_of_home_of_another_tool_asks_what_is_meant(
    word: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / word.split(":", maxsplit=1)[0]).mkdir()  # even where there is such a directory
    with pytest.raises(UsageError, match="what is meant") as caught:
        choose_home(replace(HomeEvidence(), **{said: word}))  # type: ignore[arg-type]
    assert caught.value.what == f"{SAID[said]} {word}: what is meant?"
    assert "serverless (the account's bucket" in caught.value.todo
    assert (f"./{word}" in caught.value.todo) is ("://" not in word)


def test_a_home_of_ssts_is_none_for_a_project(tmp_path: Path) -> None:
    for kind in ("cloudflare", "sst-local"):
        with pytest.raises(UsageError, match=f"the home {kind} holds states of SST only"):
            open_home(project_at(tmp_path / "shop"), WorkspaceOptions(home=kind))


@pytest.mark.parametrize("path", ["./aws", "aws/", "../s3", "/srv/local", "./locale", ".states", "local/"])
def test_a_path_is_a_path(path: str) -> None:
    assert checked_home(path) == path


def project_at(root: Path, more: str = "", name: str = "shop") -> Project:
    root.mkdir(exist_ok=True)
    (root / "serverless.yml").write_text(f"service: {name}\nprovider: {{name: aws, region: eu-west-1}}\n{more}\n")
    return open_project(root, options={}, environment={})


def state_in(root: Path, service: str = "shop", kind: str = "app") -> None:
    place = root / ".stateroom" / kind / service
    place.mkdir(parents=True)
    (place / "dev.json").write_text("{}")


@pytest.mark.parametrize("kind", ["app", "snapshot", "journal"])
def test_a_state_beside_the_project_was_deployed_from_here(tmp_path: Path, kind: str) -> None:
    project = project_at(tmp_path / "shop")
    state_in(project.root, kind=kind)
    assert project_home(project, WorkspaceOptions()).name == "local"


def test_a_state_of_another_service_says_nothing(tmp_path: Path) -> None:
    project = project_at(tmp_path / "shop")
    state_in(project.root, "billing")
    (project.root / ".stateroom" / "build").mkdir()
    (project.root / ".stateroom" / "app" / "shop").mkdir()
    assert project_home(project, WorkspaceOptions()).name == "serverless"


def test_services_of_a_compose_project_count_by_their_own_names(tmp_path: Path) -> None:
    project_at(tmp_path / "a", name="orders-api")
    (tmp_path / "serverless-compose.yml").write_text("services: {orders: {path: a}}\n")
    compose = open_project(tmp_path, options={}, environment={})
    assert project_home(compose, WorkspaceOptions()).name == "serverless"
    state_in(tmp_path, "orders-api")
    assert project_home(compose, WorkspaceOptions()).name == "local"


@pytest.mark.parametrize("written", ["local", "./states", "states", "/srv/states"])
def test_the_file_names_a_home_relative_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.chdir("/")
    project = project_at(tmp_path / "shop", f"custom: {{stateroom: {{home: {written}}}}}")
    place = {"local": ".stateroom", "/srv/states": "/srv/states"}.get(written, f"{project.root}/states")
    assert open_home(project, WorkspaceOptions()).label == f"directory {place}"
    flagged = WorkspaceOptions(home="serverless", environment={"STATEROOM_HOME": "local"})
    assert open_home(project, flagged).label == "serverless"
    assert open_home(project, WorkspaceOptions(environment={"STATEROOM_HOME": "serverless"})).label == "serverless"


def test_a_home_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"custom\.stateroom\.home: not a home") as caught:
        project_at(tmp_path / "shop", "custom: {stateroom: {home: [local]}}")
    assert caught.value.where is not None


@pytest.mark.parametrize("home", [".", "{root}"])
def test_the_project_itself_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    project = project_at(tmp_path / "shop")
    monkeypatch.chdir(project.root)
    with pytest.raises(UsageError, match="is the directory of the project itself"):
        open_home(project, WorkspaceOptions(home=home.format(root=project.root)))


STATE = """\
state: ours
stages:
  default:
    resolvers:
      account: {{type: aws, region: eu-central-1, ours: {{type: s3, bucketName: {bucket}}}}}
"""


def test_state_of_a_serverless_yml_names_a_bucket(tmp_path: Path) -> None:
    project = project_at(tmp_path / "shop", STATE.format(bucket="team-states"))
    assert open_home(project, WorkspaceOptions()).label == "serverless bucket team-states"
    assert project.state is not None
    assert project.state.region == "eu-central-1"


def compose_of(root: Path, main: str = "", **services: str) -> Project:
    for name, more in services.items():
        project_at(root / name, more, name)
    listed = ", ".join(f"{name}: {{path: {name}}}" for name in services)
    (root / "serverless-compose.yml").write_text(f"services: {{{listed}}}\n{main}\n")
    return open_project(root, options={}, environment={})


def test_services_that_name_one_bucket_alike_are_kept_there(tmp_path: Path) -> None:
    same = STATE.format(bucket="team-states")
    assert open_home(compose_of(tmp_path, a=same, b=same), WorkspaceOptions()).label.endswith("team-states")


def test_the_compose_file_goes_before_its_services(tmp_path: Path) -> None:
    main = STATE.format(bucket="main")
    assert open_home(compose_of(tmp_path, main, a=STATE.format(bucket="own"), b=""), WorkspaceOptions()).label.endswith(
        " main"
    )


@pytest.mark.parametrize("other", ["", STATE.format(bucket="other")])
def test_services_that_disagree_are_refused_and_not_put_elsewhere(tmp_path: Path, other: str) -> None:
    with pytest.raises(ConfigError, match="state: the services keep their states in different places") as caught:
        compose_of(tmp_path, a=STATE.format(bucket="own"), b=other)
    assert "serverless-compose.yml" in caught.value.todo


def test_a_directory_without_a_project_is_for_the_account(tmp_path: Path) -> None:
    assert account_home(tmp_path, WorkspaceOptions()).name == "serverless"
    state_in(tmp_path, "anything")
    assert account_home(tmp_path, WorkspaceOptions()).name == "local"


def test_an_sst_app_goes_before_the_variable(tmp_path: Path) -> None:
    options = WorkspaceOptions(environment={"STATEROOM_HOME": "sst-local"})
    found = find_sst_app(tmp_path, options)
    assert found is not None
    assert found.kind == "sst-local"
    (tmp_path / "sst.config.ts").write_text('app() { return { name: "shop", home: "aws" } }')
    found = find_sst_app(tmp_path, options)
    assert found is not None
    assert (found.kind, found.app) == ("sst", "shop")


def test_every_directory_that_is_named_as_a_home_stays_out_of_packages(tmp_path: Path) -> None:
    project = project_at(tmp_path / "shop", "custom: {stateroom: {home: ./states}}")
    options = WorkspaceOptions(home=str(tmp_path / "aws"), environment={"STATEROOM_HOME": "local"})
    assert settings_of(project, options).homes == (tmp_path / "aws", project.root / "states")


def test_aws_as_a_home_asks_what_is_meant_where_an_sst_app_is(tmp_path: Path) -> None:
    (tmp_path / "sst.config.ts").write_text('app() { return { name: "shop", home: "aws" } }')
    with pytest.raises(UsageError, match="what is meant"):
        find_sst_app(tmp_path, WorkspaceOptions(home="aws"))
