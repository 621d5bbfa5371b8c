"""A directory keeps objects whole, private and apart, whoever else writes at the same time."""

from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from stateroom.errors import StateConflictError, StateError
from stateroom.state.stores.directory import DirectoryStore


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "home")


def test_reading_creates_nothing(store: DirectoryStore) -> None:
    assert store.get("app/orders/dev.json") is None
    assert list(store.list("app/")) == []
    store.delete("app/orders/dev.json")
    assert not store.root.exists()


def test_an_object_comes_back_with_the_etag_that_put_gave(store: DirectoryStore) -> None:
    etag = store.put("app/orders/dev.json", b"one")
    blob = store.get("app/orders/dev.json")
    assert blob is not None
    assert (blob.data, blob.etag) == (b"one", etag)
    assert store.put("app/orders/dev.json", b"two") != etag


def test_a_pipe_in_place_of_an_object_is_not_waited_for(store: DirectoryStore) -> None:
    store.root.mkdir()
    os.mkfifo(store.root / "pipe")
    for read in (store.get, store.digest):
        with pytest.raises(StateError) as caught:
            read("pipe")
        assert caught.value.why == "it is not a regular file"


def test_files_and_directories_are_for_their_owner_only(store: DirectoryStore) -> None:
    before = os.umask(0)
    try:
        store.put("app/orders/dev.json", b"one")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [store.root, *store.root.rglob("*")] if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.root.rglob("*") if path.is_file()} == {0o600}


def test_the_projects_own_directory_is_made_as_the_user_makes_directories(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        DirectoryStore(tmp_path / "project" / ".stateroom").put("app/orders/dev.json", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "project").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "project" / ".stateroom").stat().st_mode) == 0o700


def test_a_put_only_over_what_was_read(store: DirectoryStore) -> None:
    etag = store.put("key", b"one")
    store.put("key", b"two", if_match=etag)
    with pytest.raises(StateConflictError):
        store.put("key", b"three", if_match=etag)
    with pytest.raises(StateConflictError):
        store.put("missing", b"x", if_match=etag)
    assert content(store, "key") == b"two"
    assert list(store.list("")) == ["key"]


def test_a_put_only_where_nothing_is(store: DirectoryStore) -> None:
    store.put("key", b"one", if_none_match=True)
    with pytest.raises(StateConflictError):
        store.put("key", b"two", if_none_match=True)
    assert content(store, "key") == b"one"


def test_even_an_empty_object_is_something(store: DirectoryStore) -> None:
    store.put("key", b"")
    with pytest.raises(StateConflictError):
        store.put("key", b"two", if_none_match=True)


def test_a_delete_only_of_what_was_read(store: DirectoryStore) -> None:
    etag = store.put("key", b"one")
    newer = store.put("key", b"two")
    with pytest.raises(StateConflictError):
        store.delete("key", if_match=etag)
    store.delete("key", if_match=newer)
    assert store.get("key") is None


def test_deleting_the_last_object_of_a_directory_removes_the_directory(store: DirectoryStore) -> None:
    store.put("journal/orders/dev/one/1.json", b"x")
    store.put("app/orders/dev.json", b"x")
    store.delete("journal/orders/dev/one/1.json")
    assert sorted(path.name for path in store.root.iterdir() if path.is_dir()) == ["app"]


def test_listing_is_sorted_and_knows_no_directories(store: DirectoryStore) -> None:
    for key in ("b/2", "a/b/3", "b/1", "ab/1", "b.json"):
        store.put(key, b"x")
    assert list(store.list("")) == ["a/b/3", "ab/1", "b.json", "b/1", "b/2"]
    assert list(store.list("b/")) == ["b/1", "b/2"]
    assert list(store.list("a")) == ["a/b/3", "ab/1"]
    assert list(store.list("nothing/here/")) == []


@pytest.mark.parametrize(
    "key", ["../outside", "app/../../outside", "/etc/passwd", "", "a//b", "a/./b", ".hidden", "a\0"]
)
def test_no_name_leads_out_of_the_home(store: DirectoryStore, key: str) -> None:
    for action in (lambda: store.get(key), lambda: store.put(key, b"x"), lambda: store.delete(key)):
        with pytest.raises(StateError):
            action()
    assert not store.root.exists()


def test_what_a_killed_writer_left_is_no_object_and_is_swept(store: DirectoryStore) -> None:
    store.put("app/orders/dev.json", b"old")
    (store.root / "app/orders/.dev.json.new").write_bytes(b"half a st")
    assert list(store.list("")) == ["app/orders/dev.json"]
    store.put("app/orders/dev.json", b"new")
    assert content(store, "app/orders/dev.json") == b"new"
    assert not (store.root / "app/orders/.dev.json.new").exists()


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a directory")
    with pytest.raises(StateError) as caught:
        DirectoryStore(tmp_path / "home").put("app/orders/dev.json", b"x")
    assert "cannot write" in caught.value.what
    assert caught.value.why


def test_threads_that_add_one_lose_none(store: DirectoryStore) -> None:
    store.put("count", b"0")
    threads = [Thread(target=add, args=(store, "count", 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert content(store, "count") == b"40"


@pytest.mark.emulator
def test_processes_that_add_one_lose_none(store: DirectoryStore) -> None:
    store.put("count", b"0")
    in_processes(3, add, store, "count", 20)
    assert content(store, "count") == b"60"


@pytest.mark.emulator
def test_of_processes_that_create_the_same_object_one_wins_each_time(store: DirectoryStore) -> None:
    in_processes(3, claim, store, 40)
    winners = [content(store, f"prize/{number:02d}") for number in range(40)]
    assert len(winners) == 40
    claims = sorted(key for key in store.list("won/"))
    assert len(claims) == 40, "each prize was won exactly once"


def add(store: DirectoryStore, key: str, times: int) -> None:
    for _ in range(times):
        while True:
            blob = store.get(key)
            assert blob is not None
            try:
                store.put(key, str(int(blob.data) + 1).encode(), if_match=blob.etag)
            except StateConflictError:
                continue
            break


def claim(store: DirectoryStore, prizes: int) -> None:
    for number in range(prizes):
        try:
            store.put(f"prize/{number:02d}", str(os.getpid()).encode(), if_none_match=True)
        except StateConflictError:
            continue
        store.put(f"won/{number:02d}-{os.getpid()}", b"")


def in_processes(count: int, work: Callable[..., None], *arguments: object) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=work, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * count


def content(store: DirectoryStore, key: str) -> bytes:
    blob = store.get(key)
    assert blob is not None
    return blob.data
