"""A backup of a bucket, without a bucket: what is saved once, put back in order, and what is only filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import StateError
from stateroom.state.stores.s3 import S3ObjectVersion
from stateroom.state.tools.backup import Backup

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Copier:
    """Saves each version as its etag, and notes what is put back."""

    done: list[str] = field(default_factory=list)

    def download(self, version: S3ObjectVersion, directory: Path) -> tuple[str, dict[str, Any]]:
        self.done.append(f"save {version.version_id}")
        (directory / version.etag).write_bytes(b"x" * version.size)
        return version.etag, {"ContentType": version.version_id}

    def upload(self, key: str, path: Path, headers: Mapping[str, Any]) -> None:
        assert path.exists()
        self.done.append(f"put {key} {path.name} {headers['ContentType']}")

    def mark_deleted(self, key: str) -> None:
        self.done.append(f"delete {key}")


def version(key: str, second: int, etag: str = "", *, deleted: bool = False) -> S3ObjectVersion:
    name = etag or f"{key}{second}"
    return S3ObjectVersion(
        key, f"v{second}", NOW + timedelta(seconds=second), False, deleted, 3, "" if deleted else name
    )


A1, A2, B1, GONE = version("a", 1), version("a", 2), version("b", 1), version("b", 2, deleted=True)


def saved(directory: Path, *versions: S3ObjectVersion) -> Backup:
    Backup(directory).save("states", "old", versions, Copier())
    return Backup(directory)  # of a new process


def test_versions_come_back_oldest_first_deletions_included_and_once(tmp_path: Path) -> None:
    backup, copier = saved(tmp_path, A2, A1), Copier()
    assert backup.restore("states", "new", copier) == 1
    assert copier.done == ["put a a1 v1", "put a a2 v2"]
    assert Backup(tmp_path).restore("states", "new", copier) == 1
    assert len(copier.done) == 2, "an interrupted restore goes on, and nothing is put twice"
    assert backup.restore("packages", "new", copier) == 0
    other = Copier()
    assert saved(tmp_path / "b", GONE, B1).restore("states", "new", other) == 0
    assert other.done == ["put b b1 v1", "delete b"]


def test_what_is_saved_is_not_saved_again_and_a_line_that_was_cut_off_is(tmp_path: Path) -> None:
    backup = saved(tmp_path, A1, GONE)
    assert backup.unsaved("old", [A1, A2, GONE]) == [A2]
    assert backup.unsaved("another", [A1]) == [A1]
    index = tmp_path / "index.jsonl"
    lines = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(lines[0] + lines[1][:20])
    again = Backup(tmp_path)
    assert len(again.unsaved("old", [A1, GONE])) == 1
    again.save("states", "old", again.unsaved("old", [A1, GONE]), Copier())
    assert Backup(tmp_path).unsaved("old", [A1, GONE]) == []


def test_only_what_was_lost_and_has_not_changed_since_is_filled_in(tmp_path: Path) -> None:
    backup = saved(tmp_path, A2, A1, B1)

    def filled(*present: S3ObjectVersion) -> list[str]:
        copier = Copier()
        assert backup.fill("states", present, copier) == len({line.split()[1] for line in copier.done})
        return sorted(copier.done)

    assert filled(A1, A2, B1) == []
    assert filled(A1, B1) == ["put a a2 v2"]
    assert filled(B1) == ["put a a1 v1", "put a a2 v2"]
    assert filled(A1, version("a", 9, "newer"), B1) == [], "somebody has written it since"
    assert filled(A2, B1) == [], "its newest is there"
    assert filled() == ["put a a1 v1", "put a a2 v2", "put b b1 v1"]
    deleted = saved(tmp_path / "b", GONE, B1)
    assert deleted.fill("states", [], Copier()) == 0


def test_sizes_are_those_of_what_is_not_deleted(tmp_path: Path) -> None:
    assert saved(tmp_path, A2, A1, GONE, B1).current("states") == {"a": 3}
    assert Backup(tmp_path).current("packages") == {}


@pytest.mark.parametrize("damaged", [b"", b"xx", b"xxxx", None])
def test_a_damaged_backup_is_said_to_be(tmp_path: Path, damaged: bytes | None) -> None:
    backup = saved(tmp_path, A1, GONE)
    backup.check()
    (kept,) = (tmp_path / "objects").iterdir()
    kept.unlink()
    if damaged is not None:
        kept.write_bytes(damaged)
    with pytest.raises(StateError, match="is damaged") as refused:
        backup.check()
    assert refused.value.why == "a is not in it as it was saved"
