"""A bucket that a parameter names, without a cloud: when it is made, refused, confirmed and looked for again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from stateroom.errors import StateError
from stateroom.state.homes.pointed import PointedBucket
from stateroom.state.homes.serverless import STATE_POINTER
from stateroom.state.pointer import PointerTarget, pointer_text
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.parameters import Parameter, Parameters

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 3, 1, tzinfo=UTC)


@dataclass
class Account:
    """Parameters and buckets of an account, and what was done to them."""

    parameter: Parameter | None = None
    versioning_of: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def get(self, name: str) -> Parameter | None:
        return self.parameter

    def create(self, name: str, value: str = "") -> None:
        if value:
            self.done.append("parameter")
            self.parameter = Parameter(value, 1, NOW)
        else:
            self.done.append("bucket")
            self.versioning_of[name] = ""

    def replace(self, name: str, value: str) -> None:
        self.done.append("parameter again")
        self.parameter = Parameter(value, 2, NOW)

    def exists(self, name: str) -> bool:
        return name in self.versioning_of

    def versioning(self, name: str) -> str:
        return self.versioning_of[name]

    def keep_versions(self, name: str) -> None:
        self.done.append("versions")
        self.versioning_of[name] = "Enabled"

    def named(self, prefix: str) -> list[str]:
        return list(self.versioning_of)

    def may_hold_anything(self, name: str) -> bool:
        return True


class Pointed(PointedBucket):
    account: Account

    def buckets(self, target: PointerTarget) -> Buckets:
        return cast(Buckets, self.account)

    def orphans(self) -> tuple[str, ...]:
        return tuple(self.account.versioning_of)


def pointed(account: Account) -> PointedBucket:
    bucket = Pointed(AwsClients(offline=True), STATE_POINTER, lambda: NOW)
    bucket.account, bucket._parameters = account, cast(Parameters, account)
    return bucket


def old(*buckets: tuple[str, str], name: str = "states") -> Account:
    """A home that was made long ago, and the buckets (name, versioning) that there are."""
    return Account(Parameter(pointer_text(name, "us-east-1"), 2, LONG_AGO), dict(buckets))


def test_of_a_bucket_that_nothing_was_read_from_there_is_nothing_to_confirm() -> None:
    bucket = PointedBucket(AwsClients(offline=True), STATE_POINTER, lambda: NOW)
    bucket.recheck()  # a client that is offline would refuse to ask
    assert bucket.found is None


def test_the_first_write_makes_parameter_bucket_and_versions_and_confirms_the_parameter() -> None:
    account = Account()
    bucket = pointed(account)
    assert [part.kind for part in bucket.unmade()] == ["parameter", "bucket"]
    made = bucket.make()
    assert account.done == ["parameter", "bucket", "versions", "parameter again"]
    assert list(account.versioning_of) == [made.bucket]


def test_a_home_that_is_whole_is_opened_without_a_change() -> None:
    account = old(("states", "Enabled"))
    bucket = pointed(account)
    assert bucket.unmade() == ()
    assert bucket.make().bucket == "states"
    bucket.recheck()
    assert account.done == []


@pytest.mark.parametrize("versioning", ["", "Suspended"])
def test_a_bucket_that_lost_its_versions_is_refused_and_not_changed_unasked(versioning: str) -> None:
    account = old(("states", versioning))
    for attempt in (pointed(account).make, pointed(account).unmade):
        with pytest.raises(StateError, match="keeps no versions"):
            attempt()
    assert account.done == []


def test_a_bucket_that_was_deleted_is_not_made_again_as_if_nothing_had_been_in_it() -> None:
    account = old()
    with pytest.raises(StateError):
        pointed(account).make()
    assert account.done == []


def test_a_parameter_that_is_gone_hides_no_bucket() -> None:
    account = Account(None, {"states": "Enabled"})
    with pytest.raises(StateError, match="is gone, but the bucket states is not"):
        pointed(account).make()
    assert account.done == []


def test_a_parameter_that_names_another_bucket_meanwhile_stops_whoever_read_the_first() -> None:
    account = old(("states", "Enabled"), ("others", "Enabled"))
    bucket = pointed(account)
    bucket.make()
    account.parameter = Parameter(pointer_text("others", "us-east-1"), 3, LONG_AGO)
    with pytest.raises(StateError, match="no longer names the bucket states") as moved:
        bucket.recheck()
    assert moved.value.why == "it names others: the home was reset meanwhile"
    account.parameter = None
    with pytest.raises(StateError) as gone:
        bucket.recheck()
    assert gone.value.why == "it was deleted meanwhile"


def test_a_home_that_is_being_reset_is_neither_read_nor_written_nor_confirmed() -> None:
    account = old(("states", "Enabled"))
    bucket = pointed(account)
    bucket.point("states", "us-east-1", reset="ana@laptop")
    assert account.done == ["parameter again"]
    attempts: tuple[Any, ...] = (bucket.find, bucket.make, bucket.unmade)
    for attempt in attempts:
        with pytest.raises(StateError, match="is being reset"):
            attempt()


def test_a_parameter_that_points_anew_is_confirmed_once_its_bucket_is_there() -> None:
    account = Account(None, {"fresh": "Enabled"})
    account.replace = lambda name, value: setattr(account, "parameter", Parameter(value, 1, NOW))  # type: ignore[method-assign]
    bucket = pointed(account)
    seen: list[str] = []
    bucket.confirm = lambda bucket, region: seen.append(bucket)  # type: ignore[method-assign]
    bucket.point("fresh", "us-east-1", reset="ana@laptop")
    assert seen == []
    bucket.point("fresh", "us-east-1")
    assert seen == ["fresh"]
