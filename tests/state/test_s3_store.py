"""A bucket keeps objects whole and apart, and a write whose answer was lost is known for what it was."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from stateroom.errors import LockedError, StateConflictError, StateError
from stateroom.model.version import Holder, Lock
from stateroom.state.locks import lock
from stateroom.state.locks.process_table import ProcessTable
from stateroom.state.stores.aws import AwsClients, explained
from stateroom.state.stores.s3 import S3Store
from tests.state.buckets import EAST, bucket_in, store_in
from tests.support.emulators import Emulator, free_port
from tests.support.faults import Answer, Drop, Fault, Proxy


@pytest.fixture
def store(emulator: Emulator) -> S3Store:
    bucket_in(emulator)
    return store_in(emulator)


@pytest.fixture
def shaky(moto: Emulator) -> Iterator[tuple[S3Store, Proxy]]:
    """A store whose calls go through a proxy that can lose answers, and the proxy."""
    bucket_in(moto)
    with Proxy(moto.endpoint_url).running() as proxy:
        yield store_in(moto, endpoint_url=proxy.endpoint_url), proxy


def test_an_object_comes_back_with_the_etag_that_put_gave(store: S3Store) -> None:
    assert store.get("app/orders/dev.json") is None
    etag = store.put("app/orders/dev.json", b"one")
    blob = store.get("app/orders/dev.json")
    assert blob is not None
    assert (blob.data, blob.etag) == (b"one", etag)
    assert abs((datetime.now(UTC) - blob.modified).total_seconds()) < 60


def test_a_put_only_over_what_was_read(store: S3Store) -> None:
    etag = store.put("key", b"one")
    store.put("key", b"two", if_match=etag)
    with pytest.raises(StateConflictError, match="has changed"):
        store.put("key", b"three", if_match=etag)
    with pytest.raises(StateConflictError, match="is gone"):
        store.put("missing", b"x", if_match=etag)
    assert content(store, "key") == b"two"
    assert list(store.list("")) == ["key"]


def test_a_put_only_where_nothing_is(store: S3Store) -> None:
    store.put("key", b"same", if_none_match=True)
    with pytest.raises(StateConflictError, match="exists already"):
        store.put("key", b"same", if_none_match=True)


def test_a_delete_only_of_what_was_read(store: S3Store) -> None:
    etag = store.put("key", b"one")
    newer = store.put("key", b"two")
    with pytest.raises(StateConflictError, match="has changed"):
        store.delete("key", if_match=etag)
    store.delete("key", if_match=newer)
    assert store.get("key") is None
    with pytest.raises(StateConflictError, match="is gone"):
        store.delete("key", if_match=newer)
    store.delete("key")


def test_of_sixteen_who_want_the_lock_one_gets_it(store: S3Store, emulator: Emulator) -> None:
    now = datetime.now(UTC)
    entered = ExitStack()

    def take(number: int) -> int | None:
        mine = Lock(Holder(f"user{number}", "host", 1, "deploy"), now, f"update{number}")
        try:
            held = lock.hold(store_in(emulator), "lock/orders/dev.json", mine, now=now, processes=ProcessTable())
            entered.enter_context(held)
        except LockedError:
            return None
        return number

    with ThreadPoolExecutor(16) as pool:
        winners = [number for number in pool.map(take, range(16)) if number is not None]
    held = lock.read(store, "lock/orders/dev.json")
    assert held is not None
    assert [f"user{number}" for number in winners] == [held.holder.user]
    entered.close()
    assert lock.read(store, "lock/orders/dev.json") is None


def test_sixteen_writers_that_add_one_lose_none(store: S3Store, emulator: Emulator) -> None:
    store.put("count", b"0")

    def add(_: int) -> None:
        mine = store_in(emulator)
        while True:
            blob = mine.get("count")
            assert blob is not None
            try:
                mine.put("count", str(int(blob.data) + 1).encode(), if_match=blob.etag)
            except StateConflictError:
                continue
            return

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(16)))
    assert content(store, "count") == b"16"


def test_listing_goes_on_past_a_page(store: S3Store, emulator: Emulator) -> None:
    keys = [f"update/orders/dev/{number:04d}.json" for number in range(1005)]
    s3 = emulator.client("s3", region=EAST)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket="states", Key=key, Body=b"x"), keys))
    assert list(store.list("update/orders/dev/")) == keys
    assert len(list(store.versions())) == 1005


def test_versions_and_markers_of_deletion_are_all_there(store: S3Store) -> None:
    store.put("key", b"one")
    store.put("key", b"two")
    store.delete("key")
    found = list(store.versions("key"))
    assert [item.deleted for item in found if item.latest] == [True]
    bytes_of = [store.get_version("key", item.version_id) for item in found if not item.deleted]
    assert sorted(blob.data for blob in bytes_of if blob) == [b"one", b"two"]


def test_packed_objects_are_unpacked_and_stay_packed(store: S3Store, emulator: Emulator) -> None:
    s3 = emulator.client("s3", region=EAST)
    s3.put_object(Bucket="states", Key="key", Body=gzip.compress(b"one" * 100))
    blob = store.get("key")
    assert blob is not None
    assert blob.data == b"one" * 100
    store.put("key", b"two" * 100, if_match=blob.etag)
    answer = s3.get_object(Bucket="states", Key="key")
    assert gzip.decompress(answer["Body"].read()) == b"two" * 100
    assert answer["ContentEncoding"] == "gzip"
    assert content(store, "key") == b"two" * 100


def test_ciphertext_that_begins_like_gzip_by_chance_is_read_as_it_is(store: S3Store) -> None:
    for data in (b"\x1f\x8b\x08 no gzip at all", b"\x1f\x8b", gzip.compress(b"cut off")[:-9], b"\x1f\x8b\x07x"):
        store.put("secret/orders/dev.json", data)
        assert content(store, "secret/orders/dev.json") == data


@pytest.mark.parametrize("fault", [Drop(after=True), Drop(after=False), Answer("InternalError", "oops", status=500)])
@pytest.mark.parametrize("precious", ["create", "replace"])
def test_a_write_whose_answer_was_lost_is_found_out_about(
    shaky: tuple[S3Store, Proxy], fault: Drop | Answer, precious: str
) -> None:
    store, proxy = shaky
    etag = store.put("key", b"old") if precious == "replace" else None
    proxy.rules.append(Fault("PutObject", fault, calls=(1,)))
    written = store.put("key", b"new", if_match=etag, if_none_match=etag is None)
    blob = store.get("key")
    assert blob is not None
    assert (blob.data, blob.etag) == (b"new", written)


def test_a_lost_answer_does_not_make_anothers_equal_write_ours(shaky: tuple[S3Store, Proxy], moto: Emulator) -> None:
    store, proxy = shaky
    store_in(moto).put("lock", b"same bytes", if_none_match=True)
    proxy.rules.append(Fault("PutObject", Drop(after=True), calls=(1,)))
    with pytest.raises(StateConflictError):
        store.put("lock", b"same bytes", if_none_match=True)


@pytest.mark.parametrize("fault", [Drop(after=True), Drop(after=False), Answer("SlowDown", "", status=503)])
def test_a_delete_whose_answer_was_lost_is_done_once(shaky: tuple[S3Store, Proxy], fault: Drop | Answer) -> None:
    store, proxy = shaky
    etag = store.put("key", b"one")
    proxy.rules.append(Fault("DeleteObject", fault, calls=(1,)))
    store.delete("key", if_match=etag)
    assert store.get("key") is None


def test_several_objects_are_deleted_with_one_call_and_a_missing_one_is_no_error(
    shaky: tuple[S3Store, Proxy],
) -> None:
    store, proxy = shaky
    keys = [f"journal/orders/dev/one/{number:08d}.json" for number in range(1, 4)]
    for key in keys:
        store.put(key, b"x")
    store.put("other", b"x")
    begun = len(proxy.calls)
    store.delete_all([*keys, "missing"])
    assert [call.operation for call in proxy.calls[begun:]] == ["DeleteObjects"]
    store.delete_all([])
    assert list(store.list("")) == ["other"]


def test_an_s3_without_conditional_deletes_still_deletes_only_what_was_read(shaky: tuple[S3Store, Proxy]) -> None:
    store, proxy = shaky
    etag = store.put("key", b"one")
    proxy.rules.append(Fault("DeleteObject", Answer("NotImplemented", "", status=501), calls=(1,)))
    store.delete("key", if_match=etag)
    assert store.get("key") is None


def test_a_store_that_never_answers_says_so(shaky: tuple[S3Store, Proxy]) -> None:
    store, proxy = shaky
    proxy.rules.append(Fault("PutObject", Answer("InternalError", "", status=500)))
    with pytest.raises(StateError) as caught:
        store.put("key", b"new", if_none_match=True)
    assert "nothing was written" in caught.value.todo


def test_a_bucket_that_is_gone_is_not_an_empty_one(emulator: Emulator) -> None:
    store = store_in(emulator, "never-made")
    for action in (
        lambda: store.get("key"),
        lambda: list(store.list("")),
        lambda: store.put("key", b"x"),
        lambda: store.put("key", b"x", if_none_match=True),
    ):
        with pytest.raises(StateError, match="the bucket never-made does not exist") as caught:
            action()
        assert "bootstrap status" in caught.value.todo


def test_what_is_denied_names_the_permission(shaky: tuple[S3Store, Proxy]) -> None:
    store, proxy = shaky
    proxy.rules.append(Fault("GetObject", Answer("AccessDenied", "no", status=403)))
    with pytest.raises(StateError, match="access denied") as caught:
        store.get("key")
    assert "s3:GetObject" in caught.value.todo


@pytest.mark.emulator
def test_an_endpoint_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = AwsClients(region=EAST, endpoint_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StateError, match="cannot be reached"):
        S3Store(nowhere, "states", EAST).get("key")


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    nowhere = AwsClients(region=EAST, endpoint_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StateError, match="no AWS credentials"):
        S3Store(nowhere, "states", EAST).get("key")


def test_advice_to_sign_in_names_the_profile_that_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import TokenRetrievalError

    monkeypatch.setenv("AWS_PROFILE", "other")
    for profile, named in (("shop", "shop"), (None, "other")):
        with pytest.raises(StateError) as error, AwsClients(profile=profile).explained("cannot read it"):
            raise TokenRetrievalError(provider="sso", error_msg="expired")
        assert f"aws sso login --profile {named}" in error.value.todo


def content(store: S3Store, key: str) -> bytes:
    blob = store.get(key)
    assert blob is not None
    return blob.data


def test_what_is_no_error_of_the_library_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="our own"), explained("could not read it"):
        raise ValueError("our own")
