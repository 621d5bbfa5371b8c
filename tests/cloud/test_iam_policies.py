"""docs/iam.md allows every AWS call that the package makes, and its policy for reading changes nothing."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import stateroom
from stateroom.cloud.aws.marked.tables import MARKED_TYPES
from tests.support.aws_actions import action, actions_in, is_reading

PACKAGE = Path(stateroom.__file__).parent
PAGE = Path(__file__).resolve().parents[2] / "docs" / "iam.md"
BY_ROOM = {"cloud": ("Reading", "Deploying"), "state": ("Reading", "Deploying", "Bootstrap and reset")}
# Needed by AWS beside the calls: roles are passed, versions are objects, a SecureString is decrypted, a distribution
# with tags is made.
NO_CALL = {
    "cloudfront:CreateDistribution",
    "iam:PassRole",
    "kms:Decrypt",
    "s3:DeleteObjectVersion",
    "s3:GetObjectVersion",
}


def statements(heading: str) -> list[dict[str, Any]]:
    """The statements of all policies below a heading of the page."""
    text = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    return [statement for policy in found for statement in policy["Statement"]]


def allowed(*headings: str) -> set[str]:
    return {name for heading in headings for statement in statements(heading) for name in statement["Action"]}


@pytest.mark.parametrize("room", BY_ROOM)
def test_every_call_of_the_package_is_allowed(room: str) -> None:
    names = allowed(*BY_ROOM[room])
    missing = {
        name: files
        for name, files in actions_in(PACKAGE, room).items()
        if not any(fnmatchcase(name, pattern) for pattern in names)
    }
    assert not missing, "add these to docs/iam.md"


def test_the_policy_for_reading_changes_nothing() -> None:
    assert {name for name in allowed("Reading") if not is_reading(name)} == {"kms:Decrypt"}
    assert not {name for name in allowed("Reading") if "*" in name}


@pytest.mark.parametrize("room", BY_ROOM)
def test_every_reading_call_is_allowed_for_reading(room: str) -> None:
    reading = {name for name in actions_in(PACKAGE, room) if is_reading(name)}
    assert reading <= allowed("Reading")


def test_nothing_is_allowed_that_is_never_called() -> None:
    everything = allowed("Reading", "Deploying", "Bootstrap and reset")
    assert everything - set(actions_in(PACKAGE, "cloud", "state")) == NO_CALL


def test_changes_are_limited_to_the_services_own_names() -> None:
    wide = {item["Sid"] for item in statements("Deploying") if item["Resource"] == "*"}
    assert wide == {"CloudControl", "WithoutResources"}  # AWS knows no resources for these


@pytest.mark.parametrize(
    ("service", "operation", "name"),
    [
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
        ("apigatewayv2", "GetApis", "apigateway:GET"),
        ("apigateway", "UpdateStage", "apigateway:PATCH"),
        ("cloudcontrol", "CreateResource", "cloudformation:CreateResource"),
        ("stepfunctions", "DescribeStateMachine", "states:DescribeStateMachine"),
        ("sqs", "ListQueueTags", "sqs:ListQueueTags"),
    ],
)
def test_operations_that_need_an_action_of_another_name(service: str, operation: str, name: str) -> None:
    assert action(service, operation) == name


def test_finding_orphans_needs_the_lists_of_its_table_and_changes_nothing() -> None:
    listed = {action(row.service, "".join(map(str.capitalize, row.operation.split("_")))) for row in MARKED_TYPES}
    assert allowed("Finding orphans") == listed | {"tag:GetResources"}
    assert all(map(is_reading, allowed("Finding orphans")))
