"""The Serverless home: the framework's bucket, found and made as the framework does, and nobody's states lost in it."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.errors import LockedError, StateConflictError, StateError
from stateroom.model.values import Secret
from stateroom.model.version import UpdateSummary
from stateroom.state.home import Home
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.pointed import _versioning
from stateroom.state.homes.serverless import ServerlessNames, serverless_home
from stateroom.state.pointer import Pointer, PointerTarget
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.state.buckets import EAST, bucket_in, clients_for
from tests.state.builders import ANA, deploy, function, intent, queue, snapshot
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy

POINTER = "/serverless-framework/state/s3-bucket"
PACKAGES = "/serverless-framework/deployment/s3-bucket"


def home_at(endpoint_url: str, custom: CustomBucket | None = None, *, later: timedelta = timedelta()) -> Home:
    return serverless_home(
        clients_for(endpoint_url),
        PassphraseSource("correct horse", environment={}, keyring=None),
        holder=ANA,
        clock=lambda: datetime.now(UTC) + later,
        packages_region=lambda: "eu-west-1",
        custom=custom,
    )


@pytest.fixture
def home(emulator: Emulator) -> Home:
    return home_at(emulator.endpoint_url)


def pointer_in(emulator: Emulator, name: str = POINTER, region: str = EAST) -> dict[str, str]:
    value = emulator.client("ssm", region=region).get_parameter(Name=name)["Parameter"]["Value"]
    result: dict[str, str] = json.loads(value)
    return result


def buckets_in(emulator: Emulator) -> list[str]:
    return [bucket["Name"] for bucket in emulator.client("s3", region=EAST).list_buckets()["Buckets"]]


def test_looking_creates_nothing(home: Home, emulator: Emulator) -> None:
    assert home.load("orders", "dev") is None
    assert home.versions("orders", "dev") == ()
    assert home.services() == ()
    assert home.read_lock("orders", "dev") is None
    assert not home.packages.has("0" * 64)
    assert buckets_in(emulator) == []
    with pytest.raises(Exception, match="ParameterNotFound"):
        pointer_in(emulator)


def test_the_first_deploy_makes_what_the_framework_would_have_made(home: Home, emulator: Emulator) -> None:
    deploy(home, snapshot(queue()))
    pointer = pointer_in(emulator)
    assert list(pointer) == ["bucketName", "bucketRegion"]
    assert pointer["bucketRegion"] == "us-east-1"
    assert buckets_in(emulator) == [pointer["bucketName"]]
    assert len(pointer["bucketName"]) == len("serverless-framework-state-") + 36
    versioning = emulator.client("s3", region=EAST).get_bucket_versioning(Bucket=pointer["bucketName"])
    assert versioning["Status"] == "Enabled"
    assert home.label == f"serverless bucket {pointer['bucketName']}"


def test_the_parameter_is_written_before_the_bucket_is_made_and_again_after_it(emulator: Emulator) -> None:
    with Proxy(emulator.endpoint_url).running() as proxy:
        deploy(home_at(proxy.endpoint_url), snapshot(queue()))
        made = [name for name in proxy.operations() if name.startswith(("PutParameter", "CreateB", "PutBucketV"))]
    assert made == ["PutParameter", "CreateBucket", "PutBucketVersioning", "PutParameter"]


def test_a_deployed_service_is_found_by_others(home: Home, emulator: Emulator) -> None:
    deploy(home, snapshot(queue(), function("Fn", "Queue"), Url="https://x"))
    other = home_at(emulator.endpoint_url)
    stored = other.load("orders", "dev")
    assert stored is not None
    assert [record.logical_id for record in stored.snapshot.records] == ["Queue", "Fn"]
    assert stored.snapshot.outputs == {"Url": "https://x"}
    assert stored.number == 1
    assert other.services() == (("orders", "dev"),)


def test_the_state_lies_where_the_framework_keeps_states_with_outputs_at_the_top(
    home: Home, emulator: Emulator
) -> None:
    stored = deploy(home, snapshot(queue(), Url="https://x", Token=Secret("hunter2")))
    deploy(home, snapshot(queue(), Url="https://y", Token=Secret("hunter2")), stored.etag)
    s3, bucket = emulator.client("s3", region=EAST), pointer_in(emulator)["bucketName"]
    raw = s3.get_object(Bucket=bucket, Key="services/stateroom/orders_dev/state/state.json")["Body"].read()
    assert json.loads(raw)["outputs"] == {"Url": "https://y"}
    assert b"hunter2" not in raw
    again = home_at(emulator.endpoint_url).load("orders", "dev")
    assert again is not None
    assert again.snapshot.outputs["Token"].reveal() == "hunter2"


def test_an_unchanged_state_is_written_as_it_was(home: Home) -> None:
    deploy(home, snapshot(queue(), Url="https://x"))
    first = home.load("orders", "dev")
    assert first is not None
    second = deploy(home, first.snapshot, first.etag)
    assert second.etag == first.etag


def test_after_a_remove_no_state_is_left_but_its_versions_are(home: Home) -> None:
    stored = deploy(home, snapshot(queue()))
    update = home.begin("orders", "dev", "remove")
    with home.lock(update):
        home.remove_state("orders", "dev", expected=stored.etag, update=update, summary=UpdateSummary(deleted=1))
    assert home.load("orders", "dev") is None
    assert home.services() == ()
    assert home.read_lock("orders", "dev") is None
    assert [version.number for version in home.versions("orders", "dev")] == [2, 1]
    assert home.load_version("orders", "dev", 1).records[0].logical_id == "Queue"


@pytest.mark.parametrize(("app", "stage"), [("a_b", "c"), ("a", "b_c"), ("a/b", "c"), ("a%5Fb", "c"), ("é ü", "*")])
def test_no_two_services_share_a_key(app: str, stage: str) -> None:
    names = ServerlessNames(app, stage)
    assert ServerlessNames.owner(names.state) == (app, stage)
    assert names.state.count("/") == 4
    assert names.state != ServerlessNames("a_b_c", "").state


def test_of_two_first_deploys_at_once_both_find_the_same_bucket(emulator: Emulator) -> None:
    def first(app: str) -> None:
        with suppress(StateConflictError, LockedError):
            deploy(home_at(emulator.endpoint_url), snapshot(queue()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(first, ["orders"] * 4))
    assert buckets_in(emulator) == [pointer_in(emulator)["bucketName"]]


@pytest.mark.parametrize("lost", ["PutParameter", "CreateBucket", "PutBucketVersioning"])
@pytest.mark.parametrize("after", [True, False])
def test_a_bootstrap_that_was_cut_off_is_finished_by_the_next_deploy(moto: Emulator, lost: str, after: bool) -> None:
    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault(lost, Drop(after=after)))
        with pytest.raises(StateError):
            deploy(home_at(proxy.endpoint_url), snapshot(queue()))
    home = home_at(moto.endpoint_url)
    assert home.load("orders", "dev") is None
    deploy(home, snapshot(queue()))
    assert buckets_in(moto) == [pointer_in(moto)["bucketName"]]


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=1)], ids=["at once", "a day later"])
def test_a_bucket_that_someone_deleted_is_not_made_anew_in_silence(emulator: Emulator, later: timedelta) -> None:
    deploy(home_at(emulator.endpoint_url), snapshot(queue()))
    name = pointer_in(emulator)["bucketName"]
    empty(emulator, name)
    home = home_at(emulator.endpoint_url, later=later)
    with pytest.raises(StateError, match=f"the bucket {name} does not exist") as caught:
        home.load("orders", "dev")
    assert "reset --only missing" in caught.value.todo
    with pytest.raises(StateError, match=f"the bucket {name} does not exist"):
        deploy(home, snapshot(queue()))
    assert buckets_in(emulator) == []


def test_a_parameter_that_someone_deleted_does_not_hide_the_states(emulator: Emulator) -> None:
    deploy(home_at(emulator.endpoint_url), snapshot(queue()))
    name = pointer_in(emulator)["bucketName"]
    emulator.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    home = home_at(emulator.endpoint_url)
    with pytest.raises(StateError, match=f"is gone, but the bucket {name} is not"):
        home.load("orders", "dev")
    with pytest.raises(StateError, match=f"is gone, but the bucket {name} is not"):
        deploy(home, snapshot(queue()))
    assert buckets_in(emulator) == [name]


@pytest.mark.parametrize("left", [b"", b"{", b"null"])
def test_a_state_that_was_emptied_or_cut_off_is_told_and_its_versions_are_there(moto: Emulator, left: bytes) -> None:
    deploy(home_at(moto.endpoint_url), snapshot(queue()))
    key = "services/stateroom/orders_dev/state/state.json"
    moto.client("s3", region=EAST).put_object(Bucket=pointer_in(moto)["bucketName"], Key=key, Body=left)
    home = home_at(moto.endpoint_url)
    with pytest.raises(StateError, match="cannot be used") as caught:
        home.load("orders", "dev")
    assert "rollback --state-only" in caught.value.todo
    assert home.services() == (("orders", "dev"),)
    assert home.load_version("orders", "dev", 1).records[0].logical_id == "Queue"
    deploy(home, home.load_version("orders", "dev", 1), home.etag("orders", "dev"))
    assert home.load("orders", "dev") is not None


def test_a_bucket_of_another_account_is_no_empty_home(moto: Emulator) -> None:
    deploy(home_at(moto.endpoint_url), snapshot(queue()))
    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault("*", Answer("AccessDenied", "Forbidden", status=403), service="s3"))
        home = home_at(proxy.endpoint_url)
        with pytest.raises(StateError, match="access denied"):
            home.load("orders", "dev")
        with pytest.raises(StateError, match="access denied"):
            deploy(home, snapshot(queue()))


def test_a_reset_that_began_since_the_home_was_read_is_seen_under_the_lock(moto: Emulator) -> None:
    """The pointer is read once; whoever takes the lock looks again, as whoever resets looks for locks."""
    deploy(home_at(moto.endpoint_url), snapshot(queue()))
    home = home_at(moto.endpoint_url)
    stored = home.load("orders", "dev")
    assert stored is not None
    value = json.dumps(pointer_in(moto) | {"stateroomReset": "ben@desk"})
    ssm = moto.client("ssm", region=EAST)
    ssm.put_parameter(Name=POINTER, Value=value, Type="String", Overwrite=True)
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update), pytest.raises(StateError, match="is being reset"):
        home.look("orders", "dev")
    with home.lock(update), pytest.raises(StateError, match="is being reset"):
        home.commit(stored.snapshot, expected=stored.etag, update=update, summary=UpdateSummary())
    ssm.delete_parameter(Name=POINTER)
    with home.lock(update), pytest.raises(StateError, match="no longer names the bucket"):
        home.look("orders", "dev")


def test_versions_that_were_suspended_since_the_state_was_written_are_missed_before_anything_is(moto: Emulator) -> None:
    deploy(home_at(moto.endpoint_url), snapshot(queue()))
    home = home_at(moto.endpoint_url)
    assert home.load("orders", "dev") is not None
    bucket, s3 = pointer_in(moto)["bucketName"], moto.client("s3", region=EAST)
    before = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(StateError, match="keeps no versions any more"):
        home.begin("orders", "dev", "deploy")
    assert {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]} == before


def test_a_bucket_that_may_not_be_looked_into_is_taken_to_hold_states(moto: Emulator) -> None:
    deploy(home_at(moto.endpoint_url), snapshot(queue()))
    moto.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault("ListObjectVersions", Answer("AccessDenied", "no", status=403)))
        with pytest.raises(StateError, match="is gone, but the bucket"):
            deploy(home_at(proxy.endpoint_url), snapshot(queue()))


def test_a_killed_operation_leaves_its_lock_and_its_journal(moto: Emulator) -> None:
    home = home_at(moto.endpoint_url)
    update = home.begin("orders", "dev", "deploy")
    killed = home.lock(update)
    killed.__enter__()
    journal = home.journal(update, None)
    journal.intend([intent()])
    journal.close()
    other = home_at(moto.endpoint_url)
    with pytest.raises(LockedError, match="locked by ana@laptop"):
        deploy(other, snapshot(queue()))
    assert other.break_lock("orders", "dev") is not None
    left = other.leftover("orders", "dev")
    assert left is not None
    assert [item.logical_id for item in left.intents] == ["Queue"]


@pytest.mark.parametrize("value", ["", "not json", "[]", '{"bucketName":"x"}', '{"bucketName":"","bucketRegion":"r"}'])
def test_a_parameter_that_names_no_bucket_is_said_to(moto: Emulator, value: str) -> None:
    moto.client("ssm", region=EAST).put_parameter(Name=POINTER, Value=value or " ", Type="String")
    with pytest.raises(StateError, match="names no bucket"):
        home_at(moto.endpoint_url).load("orders", "dev")


def test_a_bucket_that_stopped_keeping_versions_is_refused(emulator: Emulator) -> None:
    home = home_at(emulator.endpoint_url)
    stored = deploy(home, snapshot(queue()))
    bucket = pointer_in(emulator)["bucketName"]
    suspended = {"Status": "Suspended"}
    emulator.client("s3", region=EAST).put_bucket_versioning(Bucket=bucket, VersioningConfiguration=suspended)
    tomorrow = home_at(emulator.endpoint_url, later=timedelta(days=1))
    assert tomorrow.load("orders", "dev") is not None
    with pytest.raises(StateError, match=f"the bucket {bucket} keeps no versions"):
        deploy(tomorrow, snapshot(queue(), function()), stored.etag)


def test_a_bucket_of_ones_own_is_used_and_never_made(emulator: Emulator) -> None:
    home = home_at(emulator.endpoint_url, CustomBucket("our-states", "eu-west-1", "AES256"))
    with pytest.raises(StateError, match="the bucket our-states does not exist"):
        home.load("orders", "dev")
    with pytest.raises(StateError, match="the bucket our-states does not exist"):
        deploy(home, snapshot(queue()))
    bucket_in(emulator, "our-states", "eu-west-1", versioned=False)
    with pytest.raises(StateError, match="keeps no versions"):
        deploy(home, snapshot(queue()))
    versions = {"Status": "Enabled"}
    emulator.client("s3").put_bucket_versioning(Bucket="our-states", VersioningConfiguration=versions)
    deploy(home, snapshot(queue()))
    key = "services/stateroom/orders_dev/state/state.json"
    assert emulator.client("s3").head_object(Bucket="our-states", Key=key)["ServerSideEncryption"] == "AES256"
    assert buckets_in(emulator) == ["our-states"]


def test_packages_lie_in_the_frameworks_deployment_bucket_of_the_region(
    home: Home, emulator: Emulator, package: tuple[str, Path]
) -> None:
    sha256, path = package
    home.packages.put(sha256, path)
    assert home.packages.has(sha256)
    assert home_at(emulator.endpoint_url).artifact(sha256) == b"a zip"
    pointer = pointer_in(emulator, PACKAGES, "eu-west-1")
    prefix = "serverless-framework-deployments-eu-west-1-"
    assert pointer["bucketName"].startswith(prefix)
    assert len(pointer["bucketName"]) == len(prefix) + 13
    assert pointer["bucketRegion"] == "eu-west-1"
    objects = emulator.client("s3").list_objects_v2(Bucket=pointer["bucketName"])["Contents"]
    assert [item["Key"] for item in objects] == [f"stateroom/asset/{sha256}.zip"]


@pytest.fixture
def package(tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "package.zip"
    path.write_bytes(b"a zip")
    return hashlib.sha256(b"a zip").hexdigest(), path


def empty(emulator: Emulator, bucket: str) -> None:
    """What someone does who deletes a bucket for good."""
    s3: Any = emulator.client("s3", region=EAST)
    page = s3.list_object_versions(Bucket=bucket)
    for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=bucket)


class Answering:
    """Buckets of which one question is answered with an error."""

    def __init__(self, code: str) -> None:
        self.code = code

    def versioning(self, bucket: str) -> str:
        answer = {"Error": {"Code": self.code}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise StateError(f"cannot ask {bucket}") from ClientError(answer, "GetBucketVersioning")


def versioning_of(code: str, *, fresh: bool) -> str:
    pointer = Pointer("state", "/parameter", "us-east-1", "prefix", lambda: "fresh")
    return _versioning(Answering(code), PointerTarget("states", "us-east-1", fresh=fresh), pointer)  # type: ignore[arg-type]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_bucket_that_may_not_be_asked_about_is_not_taken_for_missing(fresh: bool) -> None:
    with pytest.raises(StateError, match="cannot ask states"):
        versioning_of("AccessDenied", fresh=fresh)


def test_a_bucket_is_not_made_yet_only_while_its_parameter_is_new() -> None:
    assert versioning_of("NoSuchBucket", fresh=True) == ""
    with pytest.raises(StateError, match="states"):
        versioning_of("NoSuchBucket", fresh=False)
