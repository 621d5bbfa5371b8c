"""What plugins make of a project is what they make of it here. Opt-in: STATEROOM_ORACLE=1."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.config.compile_options import CompileOptions
from stateroom.config.compiler import compile_service
from stateroom.config.project import open_project
from stateroom.model.values import Secret
from tests.oracle.peer import PROJECTS, available, install
from tests.oracle.report import against_the_framework

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),  # the first test installs the framework
]
PACKAGES: Final = (
    "serverless-dotenv-plugin@6.0.0",
    "serverless-dynamodb-autoscaling@0.6.2",
    "serverless-plugin-aws-alerts@1.7.5",
    "serverless-plugin-log-retention@2.1.0",
    "serverless-plugin-tracing@2.0.0",
)
PLUGGED: Final = PROJECTS.parent / "plugged"


@pytest.mark.parametrize("name", ["alerts", "scaled", "settings"])
def test_a_project_compiles_to_what_the_plugin_makes_of_it(name: str) -> None:
    found = against_the_framework(PLUGGED / name, *PACKAGES)
    assert found.total > 0
    assert found.lines == ()


@pytest.mark.parametrize("stage", ["", "dev"])
def test_functions_get_the_variables_that_the_plugin_gives_them(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTED", "host")
    monkeypatch.delenv("NODE_ENV", raising=False)
    chosen = ["--stage", stage] if stage else []
    theirs = install(*PACKAGES).package(PLUGGED / "variables", *chosen)["Resources"]
    settings = CompileOptions(stage or None, None, {}, {"HOSTED": "host"}, {}, tmp_path)
    opened = open_project(PLUGGED / "variables", options={}, environment={})
    ours = compile_service(opened, "variables", settings).resources["OneLambdaFunction"].properties
    assert _plain(ours["Environment"]) == theirs["OneLambdaFunction"]["Properties"]["Environment"]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.reveal() if isinstance(value, Secret) else value
