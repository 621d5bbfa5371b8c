"""Versions and aliases on both emulators."""

from __future__ import annotations

import pytest

from stateroom.cloud.aws.lambda_alias import AliasHandler
from stateroom.cloud.aws.lambda_version import VersionHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench
from tests.cloud.test_lambda import SECOND, function, role
from tests.support.emulators import Emulator

__all__ = ["function", "role"]


@pytest.fixture
def version(emulator: Emulator, function: Bench) -> Bench:
    function.create()
    return Bench(VersionHandler, emulator.endpoint_url, {"FunctionName": "shop-dev-pay", "Description": "first"})


def test_a_version_freezes_the_function(version: Bench, function: Bench) -> None:
    model = version.create()
    assert version.identified == [version.id]
    assert version.id.endswith(f":function:shop-dev-pay:{model['Version']}")
    assert model["Description"] == "first"
    function.change(Code={"ArtifactSha256": SECOND})
    assert version.read()["CodeSha256"] == model["CodeSha256"]
    version.delete()
    assert not version.exists()
    version.delete()  # gone is gone


def test_a_version_that_somebody_else_published_is_not_taken(
    version: Bench, function: Bench, emulator: Emulator
) -> None:
    """As in CloudFormation: "A version for this Lambda function exists. Modify the function to create a new one"."""
    number = emulator.client("lambda").publish_version(FunctionName="shop-dev-pay")["Version"]

    with pytest.raises(CloudError, match=f"version {number} of shop-dev-pay exists already"):
        version.create(STRANGER)
    function.change(Code={"ArtifactSha256": SECOND})
    assert version.create(STRANGER)["Version"] != number


def test_a_version_of_our_own_function_is_found_again(version: Bench) -> None:
    """Its answer was lost, or a later resource asks for the version that is there."""
    assert version.create() == version.create()


def test_an_alias_follows_from_version_to_version(version: Bench, function: Bench, emulator: Emulator) -> None:
    first = version.create()["Version"]
    inputs = {"FunctionName": "shop-dev-pay", "FunctionVersion": first, "Name": "live"}
    alias = Bench(AliasHandler, emulator.endpoint_url, inputs)
    assert alias.create()["FunctionVersion"] == first
    assert alias.id.endswith(":function:shop-dev-pay:live")
    function.change(Code={"ArtifactSha256": SECOND})
    second = version.create()["Version"]
    assert second != first
    assert alias.change(FunctionVersion=second)["FunctionVersion"] == second
    alias.delete()
    assert not alias.exists()


def test_an_alias_that_is_there_already_is_put_right(version: Bench, emulator: Emulator) -> None:
    number = version.create()["Version"]
    inputs = {"FunctionName": "shop-dev-pay", "FunctionVersion": number, "Name": "live"}
    emulator.client("lambda").create_alias(FunctionName="shop-dev-pay", Name="live", FunctionVersion="$LATEST")
    alias = Bench(AliasHandler, emulator.endpoint_url, inputs)
    assert alias.create()["FunctionVersion"] == number
