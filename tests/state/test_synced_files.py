"""What is written is on the disk before it gets its name: a machine that loses its power leaves no empty file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from stateroom.commands.plan_files import _replace as replace_plan
from stateroom.engine.reset.progress_file import ProgressFile
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.copies import Copies
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.r2 import R2Store
from stateroom.state.stores.r2_buckets import R2Copies
from stateroom.state.stores.s3 import S3ObjectVersion
from stateroom.state.tools.backup import Backup

VERSION = S3ObjectVersion("app/orders/dev.json", "v1", datetime(2026, 3, 1, tzinfo=UTC), True, False, 5, "etag")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """How many bytes each file (by inode) had when it was synced; a directory's count is of no meaning."""
    sizes: dict[int, int] = {}

    def note(descriptor: int) -> None:
        found = os.fstat(descriptor)
        sizes[found.st_ino] = found.st_size

    monkeypatch.setattr(os, "fsync", note)
    return sizes


class Bucket:
    """A client and a store that have one object."""

    bucket = "states"

    def get_object(self, **_: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(b"bytes"), "ContentEncoding": "gzip", "Metadata": {}}

    def raw(self, key: str) -> bytes:
        return b"bytes"


class Reached:
    """Clients of a store that answers."""

    def __call__(self, service: str, region: str) -> Bucket:
        return Bucket()

    def explained(self, what: str, *, missing: str, needs: str) -> AbstractContextManager[None]:
        return nullcontext()


def store(directory: Path) -> None:
    DirectoryStore(directory / "home").put("app/orders/dev.json", b"bytes")


def copy_from_s3(directory: Path) -> None:
    clients = cast(AwsClients, Reached())
    assert Copies(clients, "states", "us-east-1").download(VERSION, directory)[1] == {"ContentEncoding": "gzip"}


def copy_from_r2(directory: Path) -> None:
    R2Copies(cast(R2Store, Bucket())).download(VERSION, directory)


def backup(directory: Path) -> None:
    saved = Backup(directory)
    saved.save("states", "states", [VERSION], R2Copies(cast(R2Store, Bucket())))
    saved.check()


def progress(directory: Path) -> None:
    ProgressFile(directory / "backup").write(note="text")


def plan(directory: Path) -> None:
    replace_plan(directory / "saved.plan", "a plan")


WRITERS = (store, copy_from_s3, copy_from_r2, backup, progress, plan)


@pytest.mark.parametrize("write", WRITERS)
def test_every_file_was_synced_whole(tmp_path: Path, synced: dict[int, int], write: Callable[[Path], None]) -> None:
    write(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".store.lock"]
    assert files
    assert not [path for path in files if synced.get(path.stat().st_ino) != path.stat().st_size]
    assert not [path for path in files if path.name.startswith(".")], "each has its own name in the end"
    assert not [path for path in files if path.stat().st_mode & 0o177], "for its owner only"


def test_a_stored_file_and_the_directories_made_for_it_are_there_after_a_power_cut(
    tmp_path: Path, synced: dict[int, int]
) -> None:
    store(tmp_path)
    home = tmp_path / "home"
    assert {path.stat().st_ino for path in (tmp_path, home, home / "app", home / "app" / "orders")} <= set(synced)
    synced.clear()
    DirectoryStore(home).delete("app/orders/dev.json")
    assert synced, "its removal is, too"
