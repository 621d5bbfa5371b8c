"""A bootstrap is taken down and set up again, and whatever happens on the way, nothing that was in it is lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stateroom.engine.reset.progress_file import unfinished
from stateroom.engine.reset.runner import Reset
from stateroom.engine.reset.steps import Phase, ResetStep
from stateroom.errors import LockedError, StateError
from tests.engine.homes import (
    PACKAGES,
    POINTER,
    STACK,
    bootstrap_at,
    bucket_of,
    buckets_in,
    contents,
    home_at,
    lived_in,
    tomorrow,
)
from tests.engine.sites import acting
from tests.state.buckets import EAST
from tests.state.builders import deploy, queue, snapshot
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Call, Drop, Fault, Proxy

FRAMEWORK_KEY = f"services/traditional/{STACK}/state/state.json"


def reset_in(emulator: Emulator, directory: Path, endpoint_url: str = "") -> Reset:
    return Reset(bootstrap_at(endpoint_url or emulator.endpoint_url), directory, lambda _: None, tomorrow, "ana@laptop")


def run(reset: Reset) -> None:
    reset.inventory()
    reset.back_up()
    reset.replace()


def test_a_reset_brings_everything_back_in_new_buckets(emulator: Emulator, tmp_path: Path) -> None:
    lived_in(emulator, tmp_path)
    old, old_packages = bucket_of(emulator), bucket_of(emulator, PACKAGES, "eu-west-1")
    before = contents(emulator, old), contents(emulator, old_packages, "eu-west-1")
    run(reset_in(emulator, tmp_path / "backup"))
    new, new_packages = bucket_of(emulator), bucket_of(emulator, PACKAGES, "eu-west-1")
    assert buckets_in(emulator) == {new, new_packages}
    assert {old, old_packages}.isdisjoint({new, new_packages})
    assert (contents(emulator, new), contents(emulator, new_packages, "eu-west-1")) == before


def test_after_a_reset_work_goes_on_as_before(emulator: Emulator, tmp_path: Path) -> None:
    lived_in(emulator, tmp_path)
    run(reset_in(emulator, tmp_path / "backup"))
    home = home_at(emulator.endpoint_url)
    stored = home.load("orders", "dev")
    assert stored is not None
    assert [record.logical_id for record in stored.snapshot.records] == ["Queue", "Fn"]
    assert [version.number for version in home.versions("orders", "dev")] == [2, 1]
    assert home.artifact(hashlib.sha256(b"a zip").hexdigest()) == b"a zip"
    assert deploy(home, snapshot(queue()), stored.etag).number == 3


def test_what_s3_keeps_beside_an_object_comes_back_too(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    run(reset_in(moto, tmp_path / "backup"))
    head = moto.client("s3", region=EAST).head_object(Bucket=bucket_of(moto), Key=FRAMEWORK_KEY)
    assert head["Metadata"] == {"filesha256": "abc"}


def test_the_inventory_says_whose_states_are_in_it(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    inventory = reset_in(moto, tmp_path / "backup").inventory()
    assert [(item.tool, item.service, item.stage) for item in inventory.tenants] == [
        ("stateroom", "orders", "dev"),
        ("serverless", "billing-dev", ""),
    ]
    assert dict(inventory.tenants[1].outputs) == {"Url": "https://new"}
    bucket, versions, size = inventory.sizes[0]
    assert bucket == bucket_of(moto)
    assert versions >= sum(map(len, contents(moto, bucket).values()))
    assert size > 0
    assert not (tmp_path / "backup").exists()


def test_a_held_lock_stops_a_reset_before_anything_happens(moto: Emulator, tmp_path: Path) -> None:
    home = lived_in(moto, tmp_path)
    before = contents(moto, bucket_of(moto))
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update):
        before = contents(moto, bucket_of(moto))
        with pytest.raises(LockedError, match="orders/dev is locked by ana@laptop"):
            run(reset_in(moto, tmp_path / "backup"))
        assert contents(moto, bucket_of(moto)) == before


def test_whoever_locks_a_state_after_a_reset_was_stopped_keeps_its_bucket(moto: Emulator, tmp_path: Path) -> None:
    home = lived_in(moto, tmp_path)
    update = home.begin("orders", "dev", "deploy")
    directory = tmp_path / "serverless-1"
    tell = acting((ResetStep.CLOSE, Phase.DONE), lambda: reset.stop())
    reset = Reset(bootstrap_at(moto.endpoint_url), directory, tell, tomorrow, "ana@laptop")
    with pytest.raises(StateError, match="stopped at step"):
        run(reset)
    with home.lock(update):
        before = contents(moto, bucket_of(moto))
        with pytest.raises(LockedError, match="orders/dev is locked by ana@laptop"):
            run(reset_in(moto, directory))
        assert contents(moto, bucket_of(moto)) == before
    assert unfinished(tmp_path, "serverless") == directory
    run(reset_in(moto, directory))
    assert unfinished(tmp_path, "serverless") is None


STEPS = (
    "DeleteObjects",
    "DeleteBucket",
    "CreateBucket",
    "PutBucketVersioning",
    "PutObject",
    "PutParameter",
    "GetObject",
    "ListObjectVersions",
)


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_a_reset_that_is_cut_off_anywhere_is_continued(
    moto: Emulator, tmp_path: Path, operation: str, after: bool
) -> None:
    lived_in(moto, tmp_path)
    before = contents(moto, bucket_of(moto))
    allowed = 0
    for allowed in (0, 1, 3, 6, 12, 24):
        with Proxy(moto.endpoint_url).running() as proxy:
            cut = Cut(operation, allowed, after=after)
            proxy.rules.append(Fault("*", cut))
            try:
                run(reset_in(moto, tmp_path / "backup", proxy.endpoint_url))
            except StateError:
                continue
            break
    else:
        run(reset_in(moto, tmp_path / "backup"))
    after_reset = contents(moto, bucket_of(moto))
    assert newest(after_reset) == newest(before)
    assert {key: set(versions) for key, versions in after_reset.items()} == {
        key: set(versions) for key, versions in before.items()
    }
    assert buckets_in(moto) == {bucket_of(moto), bucket_of(moto, PACKAGES, "eu-west-1")}


class Cut:
    """The network goes away with a call of an operation, after some of them, and does not come back."""

    def __init__(self, operation: str, allowed: int, *, after: bool) -> None:
        self.operation, self.left, self.after, self.gone = operation, allowed, after, False

    def __call__(self, call: Call) -> Answer | Drop | None:
        if self.gone:
            return Answer("AccessDenied", "the network is gone", status=403)
        if call.operation == self.operation:
            self.left -= 1
            if self.left < 0:
                self.gone = True
                return Drop(after=self.after)
        return None


def newest(found: dict[str, list[bytes | None]]) -> dict[str, bytes | None]:
    return {key: versions[0] for key, versions in found.items()}


def test_at_no_moment_does_the_home_look_as_if_nothing_had_been_deployed(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    seen: list[str] = []

    def look(call: Call) -> None:
        if call.operation in ("ListObjectsV2", "HeadBucket", "GetParameter", "HeadObject"):
            return
        try:
            stored = home_at(moto.endpoint_url).load("orders", "dev")
        except StateError as error:
            seen.append(error.what)
        else:
            seen.append("empty" if stored is None else "there")

    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault("*", look))
        run(reset_in(moto, tmp_path / "backup", proxy.endpoint_url))
    assert "empty" not in seen
    assert "the home is being reset" in seen
    assert seen[0] == "there"


def test_what_someone_writes_meanwhile_is_brought_along(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    old = bucket_of(moto)
    s3 = moto.client("s3", region=EAST)
    fresh = b'{"outputs":{"Url":"https://newest"}}'
    reset = reset_in(moto, tmp_path / "backup")
    reset.back_up()
    s3.put_object(Bucket=old, Key=FRAMEWORK_KEY, Body=fresh)
    reset.replace()
    assert contents(moto, bucket_of(moto))[FRAMEWORK_KEY][0] == fresh


def test_what_the_framework_makes_again_in_between_is_brought_along(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    old = bucket_of(moto)
    s3 = moto.client("s3", region=EAST)
    fresh = b'{"outputs":{"Url":"https://newest"}}'
    made: list[str] = []  # once: what is made after the sweep is nobody's to see

    def interfere(call: Call) -> None:
        if call.operation == "PutParameter" and not made and old not in buckets_in(moto):
            made.append(old)
            s3.create_bucket(Bucket=old)
            s3.put_object(Bucket=old, Key=FRAMEWORK_KEY, Body=fresh)

    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault("*", interfere))
        run(reset_in(moto, tmp_path / "backup", proxy.endpoint_url))
    assert made
    assert old not in buckets_in(moto)
    assert contents(moto, bucket_of(moto))[FRAMEWORK_KEY][0] == fresh


def test_a_damaged_backup_stops_the_removal(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    before = contents(moto, bucket_of(moto))
    reset = reset_in(moto, tmp_path / "backup")
    reset.back_up()
    next((tmp_path / "backup" / "objects").iterdir()).unlink()
    with pytest.raises(StateError, match="is damaged"):
        reset.replace()
    assert contents(moto, bucket_of(moto)) == before


def test_an_unfinished_reset_of_another_home_is_not_taken_up(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    reset_in(moto, tmp_path / "resets" / "serverless-1").back_up()
    notes = tmp_path / "resets" / "serverless-1" / "reset.json"
    notes.write_text(notes.read_text().replace('"account": "', '"account": "9'))
    assert unfinished(tmp_path / "resets", "serverless") == notes.parent
    with pytest.raises(StateError, match="holds an unfinished reset of serverless in account 9"):
        reset_in(moto, tmp_path / "resets" / "serverless-1").inventory()


def test_a_backup_is_for_its_owner_only(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    run(reset_in(moto, tmp_path / "backup"))
    modes = {path.stat().st_mode & 0o077 for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]}
    assert modes == {0}
    assert unfinished(tmp_path, "backup") is None


def test_a_home_without_its_parameter_is_not_reset_blindly(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    old = bucket_of(moto)
    moto.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    with pytest.raises(StateError, match="gone, although buckets are there") as caught:
        reset_in(moto, tmp_path / "backup").back_up()
    assert "--only missing" in caught.value.todo
    assert old in buckets_in(moto)


def test_a_bucket_that_may_not_be_read_is_named_in_the_inventory(moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    with Proxy(moto.endpoint_url).running() as proxy:
        proxy.rules.append(Fault("ListObjectsV2", Answer("AccessDenied", "no", status=403)))
        (tenant,) = bootstrap_at(proxy.endpoint_url).tenants()
    assert (tenant.tool, tenant.bucket) == ("unknown", bucket_of(moto))
    assert "access denied" in tenant.problem
