"""Every accident with a home at AWS: what is seen of it, that nothing makes it worse, and what brings everything back.

A reading command and one that writes are tried after each; neither may create anything. Then the way out that both name
is taken, and what was deployed is there as before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.engine.sites import SstSite
from tests.support.emulators import REGION

pytestmark = pytest.mark.emulator

EAST = "us-east-1"
STATE = "/serverless-framework/state/s3-bucket"
PACKAGES = "/serverless-framework/deployment/s3-bucket"
PROJECT = """
service: shop
provider: {name: aws, runtime: python3.13, region: eu-west-1}
resources:
  Resources:
    Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
"""


def s3(region: str = EAST) -> Any:
    return boto3.client("s3", region_name=region)


def ssm(region: str = EAST) -> Any:
    return boto3.client("ssm", region_name=region)


def value(parameter: str, region: str = EAST) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(ssm(region).get_parameter(Name=parameter)["Parameter"]["Value"])
    return body


def put(parameter: str, text: str, region: str = EAST) -> None:
    ssm(region).put_parameter(Name=parameter, Value=text, Type="String", Overwrite=True)


def everything() -> tuple[object, ...]:
    """What the account holds: buckets with their objects, and parameters."""
    buckets = {}
    for bucket in s3().list_buckets()["Buckets"]:
        page = s3().list_object_versions(Bucket=bucket["Name"])
        buckets[bucket["Name"]] = sorted(item["VersionId"] for item in page.get("Versions", ()))
    names = {
        (region, item["Name"], item["Version"])
        for region in (EAST, REGION)
        for item in ssm(region).describe_parameters()["Parameters"]
    }
    return buckets, names


def wipe(bucket: str) -> None:
    page = s3().list_object_versions(Bucket=bucket)
    for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        s3().delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    s3().delete_bucket(Bucket=bucket)


class Machine:
    """Commands in a directory, on one of the homes of the account."""

    def __init__(self, directory: Path, home: str) -> None:
        self.directory, self.home = directory, home

    def __call__(self, *arguments: str) -> Run:
        out, err = Stream(), Stream()
        environment = {"HOME": str(self.directory), "TERM": "dumb", "STATEROOM_PASSPHRASE": "correct horse"}
        environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        line = [*arguments, "--home", self.home, "--region", REGION, "-C", str(self.directory)]
        code = main(line, ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment))
        return Run(code, out.getvalue(), err.getvalue(), [], [])


@dataclass
class Accident:
    """What someone did to a home.

    Args:
        name: for the test's name.
        harm: does it.
        says: a part of what every command says then.
        shows: a part of what `bootstrap status` says.
        way_out: a command that brings back what can be; None: nothing is lost, and a person has to decide.
        empty: whether the home is empty afterwards, because what was in it is gone for good.
    """

    name: str
    harm: Callable[[], object]
    says: str
    shows: str
    way_out: tuple[str, ...] | None = ("reset", "--only", "missing", "--yes")
    empty: bool = False


def unversioned() -> None:
    bucket = value(STATE)["bucketName"]
    s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


SERVERLESS = [
    Accident(
        "the state bucket is deleted and the parameter kept",
        lambda: wipe(value(STATE)["bucketName"]),
        "does not exist",
        "gone",
        empty=True,
    ),
    Accident(
        "the parameter is deleted and the state bucket kept",
        lambda: ssm().delete_parameter(Name=STATE),
        f"the parameter {STATE} is gone, but the bucket serverless-framework-state-",
        "gone, although buckets are there",
    ),
    Accident("the parameter holds no JSON", lambda: put(STATE, "garbage"), "names no bucket", "names no bucket"),
    Accident(
        "the parameter names no bucket", lambda: put(STATE, '{"bucketName": ""}'), "names no bucket", "names no bucket"
    ),
    Accident(
        "the parameter names a bucket that never was",
        lambda: put(STATE, '{"bucketName":"nobodys","bucketRegion":"us-east-1"}'),
        "the bucket nobodys does not exist",
        "gone",
        way_out=None,
    ),
]
SST = [
    Accident(
        "the state bucket is deleted and the parameter kept",
        lambda: wipe(value("/sst/bootstrap", REGION)["state"]),
        "does not exist",
        "gone",
        empty=True,
    ),
    Accident(
        "the parameter is deleted and the buckets kept",
        lambda: ssm(REGION).delete_parameter(Name="/sst/bootstrap"),
        "is gone, but the bucket sst-state-",
        "gone, although buckets are there",
    ),
    Accident(
        "the parameter holds no JSON",
        lambda: put("/sst/bootstrap", "garbage", REGION),
        "names no state bucket",
        "names no bucket",
    ),
    Accident(
        "the parameter names a bucket that never was",
        lambda: put("/sst/bootstrap", '{"version":5,"state":"sst-state-nobodys","asset":"sst-asset-nobodys"}', REGION),
        "the state bucket sst-state-nobodys does not exist",
        "gone",
        way_out=None,
    ),
]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("stateroom.engine.opening.factory.utc_now", lambda: datetime.now(UTC) + timedelta(days=1))
    with mock_aws():
        yield


@pytest.fixture
def serverless(account: None, tmp_path: Path) -> Machine:
    (tmp_path / "serverless.yml").write_text(PROJECT)
    machine = Machine(tmp_path, "serverless")
    assert machine("bootstrap", "create").code == 0
    assert machine("deploy", "--yes").code == 0
    return machine


@pytest.fixture
def sst(account: None, tmp_path: Path) -> Machine:
    SstSite(tmp_path)
    return Machine(tmp_path, "sst")


def choice(accident: Accident, bucket: str) -> tuple[str, ...]:
    """The way out; where several buckets may be meant a person names the right one."""
    return accident.way_out or ("reset", "--only", "missing", "--bucket", bucket, "--yes")


@pytest.mark.parametrize("accident", SERVERLESS, ids=lambda item: item.name)
def test_serverless_home(serverless: Machine, accident: Accident) -> None:
    bucket = value(STATE)["bucketName"]
    accident.harm()
    before = everything()
    read, deployed = serverless("versions"), serverless("deploy", "--yes")
    assert (read.code, deployed.code) == (1, 1)
    assert accident.says in read.err
    assert accident.says in deployed.err + deployed.out
    assert "stateroom reset --only missing" in read.err
    status = serverless("bootstrap")
    assert (status.code, accident.shows in status.out) == (1, True)
    assert everything() == before, "nothing was created"
    assert serverless(*choice(accident, bucket)).code == 0
    assert value(STATE)["bucketName"] == bucket
    assert s3().get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    versions = serverless("versions", "--json").document["services"][0]["versions"]
    assert [version["number"] for version in versions] == ([] if accident.empty else [1])
    assert serverless("bootstrap").code == 0


@pytest.mark.parametrize("accident", SST, ids=lambda item: item.name)
def test_sst_home(sst: Machine, accident: Accident) -> None:
    bucket = value("/sst/bootstrap", REGION)["state"]
    accident.harm()
    before = everything()
    read = sst("versions")
    written = sst("state", "remove", "Queue", "--service", "orders/dev", "--yes")
    assert (read.code, written.code) == (1, 1)
    assert accident.says in read.err
    assert accident.says in written.err
    status = sst("bootstrap")
    assert (status.code, accident.shows in status.out) == (1, True)
    assert everything() == before, "nothing was created"
    assert sst(*choice(accident, bucket)).code == 0
    assert value("/sst/bootstrap", REGION)["state"] == bucket
    for found in s3().list_buckets()["Buckets"]:  # the emulator takes SST's policy to forbid everything
        s3().delete_bucket_policy(Bucket=found["Name"])
    services = sst("versions", "--json").document["services"]
    assert [item["service"] for item in services] == ([] if accident.empty else ["orders/dev"])


def test_serverless_state_bucket_without_versions_is_read_refused_for_writes_and_repaired(serverless: Machine) -> None:
    unversioned()
    assert serverless("versions").code == 0
    (serverless.directory / "serverless.yml").write_text(PROJECT.replace("QueueName: jobs", "DelaySeconds: 3"))
    before = everything()
    run = serverless("deploy", "--yes")
    assert run.code == 1
    assert "keeps no versions" in run.err + run.out
    assert everything() == before
    assert "keeps no versions" in serverless("bootstrap").out
    assert serverless("reset", "--only", "missing", "--yes").code == 0
    assert serverless("deploy", "--yes").code == 0


def test_serverless_deployment_bucket_deleted_is_named_and_made_again(serverless: Machine) -> None:
    bucket = value(PACKAGES, REGION)["bucketName"]
    wipe(bucket)
    assert serverless("versions").code == 0, "states do not need packages"
    status = serverless("bootstrap")
    assert (status.code, bucket in status.out) == (1, True)
    assert serverless("reset", "--only", "missing", "--yes").code == 0
    assert bucket in {item["Name"] for item in s3().list_buckets()["Buckets"]}


def test_serverless_state_bucket_in_another_region_is_found_where_the_parameter_says(
    account: None, tmp_path: Path
) -> None:
    s3("eu-central-1").create_bucket(Bucket="moved", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3().put_bucket_versioning(Bucket="moved", VersioningConfiguration={"Status": "Enabled"})
    put(STATE, '{"bucketName":"moved","bucketRegion":"eu-central-1"}')
    (tmp_path / "serverless.yml").write_text(PROJECT)
    machine = Machine(tmp_path, "serverless")
    assert machine("deploy", "--yes").code == 0
    parts = machine("bootstrap", "--json").document["parts"]
    assert ("moved", "eu-central-1") in {(part["name"], part["region"]) for part in parts}
    assert "services/stateroom/shop_dev/state/state.json" in {
        item["Key"] for item in s3().list_objects_v2(Bucket="moved")["Contents"]
    }


LISTING = ("HeadBucket", "ListObjectsV2", "ListObjectVersions")  # what s3:ListBucket and its like allow


@pytest.mark.parametrize(
    ("operations", "says"),
    [
        (LISTING, ("cannot list the objects", "cannot look for the bucket")),
        (("GetObject", *LISTING), ("cannot list the objects", "cannot look for the bucket", "cannot read services/")),
        (("GetParameter",), ("cannot read the parameter",)),
    ],
    ids=["a bucket that may not be listed", "a bucket of another account", "the parameter"],
)
def test_what_may_not_be_looked_at_is_not_taken_for_missing(
    serverless: Machine, monkeypatch: pytest.MonkeyPatch, operations: tuple[str, ...], says: tuple[str, ...]
) -> None:
    """No permission, or a bucket of another account: it answers 403, as one that is there and somebody else's."""
    before, call = everything(), BaseClient._make_api_call

    def denied(self: Any, name: str, arguments: Any) -> Any:
        if name in operations:
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, name)
        return call(self, name, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", denied)
        for words in (("versions",), ("deploy", "--yes"), ("bootstrap",), ("reset", "--only", "missing", "--yes")):
            run = serverless(*words)
            assert run.code == 1
            assert any(text in run.err + run.out for text in says)
            assert "access denied" in run.err + run.out
    assert everything() == before


def test_sst_in_an_account_that_was_never_used_is_said_to_be_none_and_nothing_is_made(
    account: None, tmp_path: Path
) -> None:
    """Wrong credentials or region: SST would make a home and deploy everything again."""
    machine = Machine(tmp_path, "sst")
    before = everything()
    run = machine("state", "remove", "Queue", "--service", "orders/dev", "--yes")
    assert run.code != 0
    assert machine("versions").code in (0, 1)
    assert "not made yet" in machine("bootstrap").out
    assert everything() == before
