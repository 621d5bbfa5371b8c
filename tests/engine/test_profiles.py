"""Whose credentials are used: the user's choice, else what the services ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from stateroom.engine.configuration import read_project, with_profile
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError


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
