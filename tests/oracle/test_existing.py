"""Things that are there already: what differs from the framework is what docs/compatibility.md says, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.peer import available
from tests.oracle.report import against_the_framework

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),
]

PROJECT = Path(__file__).parent / "existing"
# The beginnings of lines, by reason.
HELPERS = ("CustomDashresource", "IamRoleCustomResourcesLambdaExecution")
PERMISSIONS = ("ALambdaPermissionTheirsS3:", "BLambdaPermissionTheirsS3:", "ALambdaPermissionCognitoUserPoolPeople:")
RESOURCES = tuple(
    f"{name}.{part}"
    for name in ("ACustomS31", "BCustomS31", "ACustomCognitoUserPool1", "CustomApiGatewayAccountCloudWatchRole")
    for part in ("DependsOn", "Properties.ServiceToken", "Version", "DeletionPolicy", "Properties:")
)
STAGE = ("ApiGatewayDeployment*.Properties.StageDescription",)


def test_only_the_helpers_and_what_stands_for_them_differ() -> None:
    lines = against_the_framework(PROJECT).lines
    assert [line for line in lines if not line.startswith((*HELPERS, *PERMISSIONS, *RESOURCES, *STAGE))] == []
    for expected in (*HELPERS, *PERMISSIONS, *STAGE):
        assert any(line.startswith(expected) for line in lines), expected
