"""One history: what operations recorded and what the bucket kept by itself, each moment once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import StateError, UnknownVersionError
from stateroom.model.version import UpdateSummary, Version
from stateroom.state.history.history import HistoryReader
from stateroom.state.history.updates import Updates
from stateroom.state.history.version_timeline import KeptCopy, TimelineEntry, timeline
from stateroom.state.home import Home
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.local import local_home
from stateroom.state.homes.serverless import serverless_home
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.s3 import S3Store
from stateroom.state.stores.store import Blob
from stateroom.state.timestamps import descending_id
from tests.state.buckets import EAST, bucket_in, clients_for
from tests.state.builders import ANA, deploy, function, home_in, queue, snapshot
from tests.support.emulators import Emulator

STATE = "services/stateroom/orders_dev/state/state.json"


@pytest.fixture
def home(moto: Emulator) -> Home:
    bucket_in(moto)
    return home_at(moto)


def home_at(moto: Emulator) -> Home:
    return serverless_home(
        clients_for(moto.endpoint_url),
        PassphraseSource("correct horse", environment={}, keyring=None),
        holder=ANA,
        clock=lambda: datetime.now(UTC),
        packages_region=lambda: "eu-west-1",
        custom=CustomBucket("states", EAST),
    )


def listed(home: Home, newest: int | None = None) -> list[tuple[object, str]]:
    """(number or "@", command) of every version, newest first."""
    versions = home.histories.history("orders", "dev", newest).versions
    return [(version.number or "@", version.command) for version in versions]


def write_by_hand(moto: Emulator, data: bytes) -> None:
    moto.client("s3", region=EAST).put_object(Bucket="states", Key=STATE, Body=data)


def current_bytes(moto: Emulator) -> bytes:
    body: bytes = moto.client("s3", region=EAST).get_object(Bucket="states", Key=STATE)["Body"].read()
    return body


def changed(data: bytes) -> bytes:
    """The same state, as another tool would write it with another queue in it."""
    return data.replace(b"https://sqs/Queue", b"https://sqs/Other")


def test_what_was_recorded_is_there_once_although_the_bucket_kept_it_too(home: Home) -> None:
    stored = deploy(home, snapshot(queue()))
    deploy(home, snapshot(queue(), function()), stored.etag)
    assert listed(home) == [(2, "deploy"), (1, "deploy")]
    assert home.histories.history("orders", "dev").versions[0].current


def test_a_state_that_somebody_wrote_by_hand_is_a_version_that_can_be_read(home: Home, moto: Emulator) -> None:
    deploy(home, snapshot(queue()))
    write_by_hand(moto, changed(current_bytes(moto)))
    newest, first = home.histories.history("orders", "dev").versions
    assert (newest.command, newest.user, newest.current, first.current) == ("unrecorded write", "", True, False)
    assert home.load_version("orders", "dev", newest.name).records[0].physical_id == "https://sqs/Other"
    stored = home.load("orders", "dev")
    assert stored is not None
    deploy(home, snapshot(function()), stored.etag)
    assert listed(home) == [(2, "deploy"), ("@", "unrecorded write"), (1, "deploy")]


def test_an_address_may_be_cut_short_as_long_as_it_is_the_only_one(home: Home, moto: Emulator) -> None:
    deploy(home, snapshot(queue()))
    data = current_bytes(moto)
    write_by_hand(moto, changed(data))
    (version, before) = home.histories.find("orders", "dev", f"@{datetime.now(UTC):%Y-%m}")
    assert (version.number, before and before.number) == (0, 1)
    write_by_hand(moto, data.replace(b"https://sqs/Queue", b"https://sqs/Third"))
    with pytest.raises(UnknownVersionError, match="2 versions that begin with @2"):
        home.histories.find("orders", "dev", "@2")
    with pytest.raises(UnknownVersionError, match="no version 9"):
        home.histories.find("orders", "dev", 9)


def test_an_old_version_copied_over_the_state_is_said_to_be_that_one(home: Home, moto: Emulator) -> None:
    stored = deploy(home, snapshot(queue()))
    old = current_bytes(moto)
    deploy(home, snapshot(function()), stored.etag)
    write_by_hand(moto, old)
    newest = home.histories.history("orders", "dev").versions[0]
    assert (newest.same_as, newest.current) == (1, True)
    assert home.histories.history("orders", "dev", 1).versions[0].same_as == 1, "however few are shown"


def test_a_state_that_somebody_deleted_is_shown_as_deleted_and_the_one_before_is_gone_back_to(
    home: Home, moto: Emulator
) -> None:
    deploy(home, snapshot(queue()))
    moto.client("s3", region=EAST).delete_object(Bucket="states", Key=STATE)
    newest, first = home.histories.history("orders", "dev").versions
    assert (newest.command, newest.stored, newest.current) == ("deleted", False, True)
    with pytest.raises(StateError, match="no state of orders/dev at version @") as refused:
        home.load_version("orders", "dev", newest.name)
    assert refused.value.why == "it was deleted then"
    assert home.load_version("orders", "dev", first.number).records == (queue(),)


def test_a_remove_is_one_version_and_not_a_deletion_besides(home: Home) -> None:
    stored = deploy(home, snapshot(queue()))
    update = home.begin("orders", "dev", "remove")
    home.remove_state("orders", "dev", expected=stored.etag, update=update, summary=UpdateSummary(deleted=1))
    assert listed(home) == [(2, "remove"), (1, "deploy")]


def test_whose_records_were_deleted_is_still_there(home: Home, moto: Emulator) -> None:
    stored = deploy(home, snapshot(queue()))
    deploy(home, snapshot(function()), stored.etag)
    s3 = moto.client("s3", region=EAST)
    for item in s3.list_objects_v2(Bucket="states", Prefix="stateroom/")["Contents"]:
        s3.delete_object(Bucket="states", Key=item["Key"])
    assert listed(home) == [("@", "unrecorded write"), ("@", "unrecorded write")]


def test_an_operation_that_failed_before_it_stored_anything_is_told(home: Home) -> None:
    deploy(home, snapshot(queue()))
    update = home.begin("orders", "dev", "deploy")
    home.finish(update, UpdateSummary(errors=(("Fn", "AccessDenied"),)), version_written=False)
    home.finish(home.begin("orders", "dev", "refresh"), UpdateSummary(), version_written=False)
    failed, _ = home.histories.history("orders", "dev").versions
    assert (failed.stored, failed.errors) == (False, ("Fn: AccessDenied",))
    with pytest.raises(StateError, match="no state of orders/dev at version @") as refused:
        home.load_version("orders", "dev", failed.name)
    assert refused.value.why == "nothing was stored then"
    assert [version.number for version in home.versions("orders", "dev")] == [1]


def test_an_operation_that_runs_is_no_interrupted_one(home: Home) -> None:
    deploy(home, snapshot(queue()))
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update):
        assert listed(home) == [(1, "deploy")]
    assert listed(home) == [("@", "deploy"), (1, "deploy")]


def test_a_directory_keeps_only_what_was_recorded(tmp_path: Any) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue()))
    path = tmp_path / ".stateroom/app/orders/dev.json"
    path.write_bytes(changed(path.read_bytes()))
    assert listed(home) == [(1, "deploy")]


def test_who_may_not_list_versions_sees_what_was_recorded_and_why(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(home, snapshot(queue()))

    def refuse(*_: object) -> Iterator[None]:
        raise StateError("cannot list the versions", why="AccessDenied")

    monkeypatch.setattr(S3Store, "versions", refuse)
    history = home.histories.history("orders", "dev")
    assert [version.number for version in history.versions] == [1]
    assert history.problem[0] == "cannot list the versions"


def test_a_long_past_is_listed_without_reading_states_and_with_few_records(home: Home, moto: Emulator) -> None:
    """Calls do not grow with what is not shown, but for a page of each list with every thousand objects."""
    store = home.documents.store
    names = home.documents.names("orders", "dev")
    for number in range(1, 41):
        update_id = descending_id(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number))
        store.put(names.state, b"%d" % number)
        store.put(names.snapshot(update_id), b"%d" % number)
        store.put(
            names.update(update_id), json.dumps({"number": number, "timeCompleted": "2026-01-01T00:00:00Z"}).encode()
        )
    calls: Counter[str] = Counter()
    clients = clients_for(moto.endpoint_url)
    clients("s3", EAST).meta.events.register("before-call.s3", lambda model, **_: calls.update([model.name]))
    home = serverless_home(
        clients,
        PassphraseSource("x", environment={}, keyring=None),
        holder=ANA,
        clock=lambda: datetime.now(UTC),
        packages_region=lambda: "eu-west-1",
        custom=CustomBucket("states", EAST),
    )
    history = home.histories.history("orders", "dev", 5)
    assert [version.number for version in history.versions] == [40, 39, 38, 37, 36]
    assert history.older == 35
    assert calls == {"GetObject": 5, "ListObjectVersions": 2, "ListObjectsV2": 1}


def test_a_store_is_asked_only_for_what_it_has(tmp_path: Path) -> None:
    """S3 refuses a version id that is empty, and a directory has none."""

    class Kept(DirectoryStore):
        def versions(self, prefix: str = "") -> Iterator[Any]:
            return iter(())

        def get_version(self, key: str, version_id: str) -> Blob:
            assert version_id, "no such version"
            return Blob(b"{}", "etag", START)

        def delete_version(self, key: str, version_id: str) -> None: ...

    def read(store: DirectoryStore, version: Version) -> Blob | None:
        return HistoryReader(store, ObjectNames, Updates(store, ObjectNames)).read("orders", "dev", version)

    failed = Version(0, "", "deploy", "", START, START, stored=False)
    written = replace(failed, stored=True, object_version="v1")
    kept, plain = Kept(tmp_path), DirectoryStore(tmp_path)
    assert [read(kept, failed), read(plain, failed), read(plain, written)] == [None, None, None]
    assert read(kept, written) == Blob(b"{}", "etag", START)


# ---- the order of things, without a bucket

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def write(second: int, etag: str, *, latest: bool = False, deleted: bool = False, size: int = 1) -> Any:
    from stateroom.state.stores.s3 import S3ObjectVersion

    moment = START + timedelta(seconds=second)
    return S3ObjectVersion("key", f"v{second}", moment, latest, deleted, size, etag)


def copy(second: int, etag: str, took: int = 0, size: int = 1) -> KeptCopy:
    """What an operation that began then and took so long kept."""
    started = START + timedelta(seconds=second)
    return KeptCopy(descending_id(started), frozenset({etag}), size, started + timedelta(seconds=took))


def told(entries: tuple[TimelineEntry, ...]) -> list[str]:
    """`recorded`, `partial`, … for each, oldest first."""
    return [
        "recorded" if entry.recorded else "partial" if entry.partial else "deleted" if entry.deleted else "write"
        for entry in reversed(entries)
    ]


def test_what_sst_stores_on_its_way_is_partial_and_belongs_to_its_deploy() -> None:
    one, two = copy(0, "a"), copy(100, "d", took=20)
    objects = [write(120, "d", latest=True), write(110, "c"), write(105, "b"), write(0, "a")]
    entries = timeline([one, two], [one.update_id, two.update_id], objects)
    assert told(entries) == ["recorded", "partial", "partial", "recorded"]
    assert entries[1].update_id == two.update_id


def test_of_an_interrupted_deploy_the_last_thing_that_it_stored_counts() -> None:
    one, killed = copy(0, "a"), descending_id(START + timedelta(seconds=100))
    objects = [write(9999, "z", latest=True), write(110, "c"), write(105, "b"), write(0, "a")]
    entries = timeline([one], [one.update_id, killed], objects)
    assert told(entries) == ["recorded", "partial", "write", "write"]
    assert [entry.update_id for entry in entries] == ["", killed, killed, one.update_id]


def test_where_etags_say_nothing_size_and_time_do() -> None:
    one, two = copy(0, "k1", size=10), copy(600, "k2", size=12)
    objects = [write(600, "k4", size=12, latest=True), write(0, "k3", size=10)]
    assert told(timeline([one, two], [], objects)) == ["recorded", "recorded"]


def test_a_state_that_was_encrypted_anew_is_the_version_that_it_was() -> None:
    one = replace(copy(0, "old"), etags=frozenset({"old", "new"}))
    assert told(timeline([one], [], [write(50, "new", latest=True), write(0, "old")]))[0] == "recorded"


def test_a_restored_backup_keeps_its_order_although_all_of_it_was_written_now() -> None:
    copies = [copy(0, "a"), copy(100, "c")]
    restored = [replace(item, modified=START + timedelta(days=1)) for item in copies]
    objects = [write(86400, "c", latest=True), write(86399, "b"), write(86398, "a")]
    assert told(timeline(restored, [], objects)) == ["recorded", "write", "recorded"]


def test_what_was_there_before_the_first_version_comes_before_it_even_in_one_second() -> None:
    first = KeptCopy(descending_id(START + timedelta(seconds=0.5)), frozenset({"b"}), 1, START)
    assert told(timeline([first], [], [write(0, "b", latest=True), write(0, "a")])) == ["write", "recorded"]


def test_two_writes_in_one_second_have_two_addresses() -> None:
    entries = timeline([], [], [write(1, "b", latest=True), replace(write(1, "a"), version_id="w1")])
    assert len({entry.address for entry in entries}) == 2


def test_an_operation_that_stored_nothing_stands_between_the_versions_of_its_time() -> None:
    one, two, three = copy(0, "a"), copy(100, "b"), copy(200, "c")
    failed = descending_id(START + timedelta(seconds=150))
    objects = [write(200, "c", latest=True), write(100, "b"), write(0, "a")]
    entries = timeline([one, two, three], [failed], objects)
    assert [entry.update_id for entry in entries] == [three.update_id, failed, two.update_id, one.update_id]


def test_an_operation_that_stored_nothing_and_a_write_by_hand_stand_in_the_order_of_their_times() -> None:
    one, failed = copy(0, "a"), descending_id(START + timedelta(seconds=50))
    for second, order in ((10, ["write", failed]), (900, [failed, "write"])):
        objects = [write(second, "b", latest=True), write(0, "a")]
        entries = timeline([one], [one.update_id, failed], objects)
        assert [entry.update_id or "write" for entry in reversed(entries)] == [one.update_id, *order]


def test_a_version_is_asked_for_by_its_number_or_else_by_its_address() -> None:
    version = Version(0, "", "deleted", "", START, START, address="@2026-11-21T12:00:00")
    assert version.name == "@2026-11-21T12:00:00"
    assert replace(version, number=7).name == 7


def test_of_two_pasts_put_together_each_version_has_one_number_however_many_are_listed(tmp_path: Path) -> None:
    """A home that was lost, deployed anew, and then filled from a backup."""
    before, etag = home_in(tmp_path / "before"), None
    for name in "abc":
        etag = deploy(before, snapshot(queue(name)), etag).etag
    phrase = PassphraseSource("correct horse", environment={}, keyring=None)
    later = datetime(2026, 12, 24, tzinfo=UTC)
    together = local_home(tmp_path / "after" / ".stateroom", phrase, holder=ANA, clock=lambda: later)
    deploy(together, snapshot(queue("new")))
    for kind in ("update", "snapshot"):
        past = tmp_path / "before" / ".stateroom" / kind
        shutil.copytree(past, tmp_path / "after" / ".stateroom" / kind, dirs_exist_ok=True)
    assert listed(together) == [(4, "deploy"), (3, "deploy"), (2, "deploy"), (1, "deploy")]
    assert listed(together, 2) == [(4, "deploy"), (3, "deploy")]
