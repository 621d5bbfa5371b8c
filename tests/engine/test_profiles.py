"""Whose credentials are used: the user's choice, else what the services ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from stateroom.engine.opening.project_loading import read_project, with_profile
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError
from stateroom.model.remote import ParameterValue, RemoteAnswer, RemoteRequest


def opened(root: Path, options: WorkspaceOptions, **profiles: str) -> str | None:
    """The profile that a project with these services is opened with."""
    for name, profile in profiles.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        line = f"  profile: {profile}\n" if profile else ""
        (root / name / "serverless.yml").write_text(f"service: {name}\nprovider:\n  name: aws\n{line}")
    services = "".join(f"  {name}: {{path: {name}}}\n" for name in profiles)
    (root / "serverless-compose.yml").write_text(f"services:\n{services}")
    return with_profile(read_project(root, options), options).profile


def test_the_profile_that_the_services_name_is_used(tmp_path: Path) -> None:
    assert opened(tmp_path, WorkspaceOptions(), a="shop-dev", b="shop-dev") == "shop-dev"
    assert opened(tmp_path, WorkspaceOptions(), a="", b="") is None


@pytest.mark.parametrize("environment", [{"AWS_PROFILE": "mine"}, {"AWS_ACCESS_KEY_ID": "AKIA"}])
def test_what_the_user_chose_goes_before_it(tmp_path: Path, environment: Mapping[str, str]) -> None:
    assert opened(tmp_path, WorkspaceOptions(environment=environment), a="shop-dev") is None
    assert opened(tmp_path, WorkspaceOptions(profile="other"), a="shop-dev") == "other"


def test_services_that_name_different_profiles_are_not_guessed_about(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="different AWS profiles: one, two"):
        opened(tmp_path, WorkspaceOptions(), a="one", b="two")
    assert opened(tmp_path, WorkspaceOptions(services=("b",)), a="one", b="two") == "two"


@pytest.mark.parametrize(
    ("options", "asked_with"),
    [
        (WorkspaceOptions(), "shop-dev"),
        (WorkspaceOptions(profile="mine"), "mine"),
        (WorkspaceOptions(environment={"AWS_PROFILE": "mine"}), None),
    ],
)
def test_the_compose_files_variables_are_asked_with_its_own_profile_unless_one_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: WorkspaceOptions, asked_with: str | None
) -> None:
    profiles: list[str | None] = []

    class Answers:
        """model.remote.RemoteValues that knows every parameter."""

        def __init__(self, *, profile: str | None, endpoint_url: str | None) -> None:
            profiles.append(profile)

        def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
            return {request: ParameterValue("String", "x") for request in requests}

    monkeypatch.setattr("stateroom.cloud.remote_values.AwsRemoteValues", Answers)
    (tmp_path / "serverless-compose.yml").write_text(
        "provider: {profile: shop-dev}\nservices: {a: {path: a, params: {k: '${ssm:/k}'}}}\n"
    )
    assert read_project(tmp_path, options).services["a"].params == {"k": "x"}
    assert profiles == [asked_with]
