"""The check of a plan refuses nothing that the framework deploys, but for what stateroom says that it cannot set."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.cloud.session import open_aws
from stateroom.config.document.intrinsics import intrinsic
from stateroom.model.values import UNKNOWN
from tests.oracle.peer import PROJECTS, projects
from tests.oracle.report import ours

FOLDERS: Final = [*projects(), PROJECTS.parent / "existing", *(PROJECTS.parent / "deliberate").iterdir()]
# What the framework deploys and stateroom has no call for yet: this list only shrinks.
CANNOT_SET: Final = {
    "AWS::Lambda::Function": {"RecursiveLoop", "RuntimeManagementConfig"},
    "AWS::Logs::LogGroup": {"DataProtectionPolicy"},
    "Custom::CognitoUserPool": set(),
}


def known(value: Any) -> Any:
    """Replace intrinsic functions by what they are before a deploy."""
    if isinstance(value, Mapping):
        return UNKNOWN if intrinsic(value) else {key: known(item) for key, item in value.items()}
    return [known(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("project", FOLDERS, ids=lambda path: path.name)
def test_no_resource_of_a_project_is_refused(project: Path, tmp_path: Path) -> None:
    provider = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")
    template = ours(shutil.copytree(project, tmp_path / project.name))
    refused = {
        (name, str(problem))
        for name, resource in template["Resources"].items()
        for problem in provider.check(resource["Type"], known(resource.get("Properties") or {}))
        if problem.fatal and not _may_be_refused(resource["Type"], problem.path)
    }

    assert refused == set()


def _may_be_refused(type_: str, path: tuple[str | int, ...]) -> bool:
    return type_ in CANNOT_SET and (not path or path[0] in CANNOT_SET[type_])
