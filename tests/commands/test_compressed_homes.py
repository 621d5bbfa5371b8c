"""What SST packs (`state.compress`) stays packed, whatever stateroom writes: case `compressed-home`, its siblings."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.commands.sst_home import PHRASE
from tests.commands.test_sst_home import STATE, Account
from tests.support.emulators import Emulator

PACKED = b"\x1f\x8b\x08"


class PackedAccount(Account):
    """An account in which the app `ledger` has `state.compress`, and `plain` has not."""

    def filled(self) -> None:
        for app in ("ledger", "plain"):
            self.deployed(app)
        for key in self.keys("/ledger/"):
            self.put(key, gzip.compress(self.raw(key), mtime=7))

    def keys(self, part: str) -> list[str]:
        return [key for key in self.everything() if part in key]

    def raw(self, key: str) -> bytes:
        data: bytes = self.s3.get_object(Bucket=STATE, Key=key)["Body"].read()
        return data

    def plain_ones(self, part: str) -> list[str]:
        return [key for key in self.keys(part) if not self.raw(key).startswith(PACKED)]


@pytest.fixture
def account(moto: Emulator, tmp_path: Path) -> PackedAccount:
    found = PackedAccount(moto, tmp_path)
    found.filled()
    return found


@pytest.mark.parametrize(
    "words",
    [
        "state remove MyFn --yes",
        "state import {export} --yes",
        "secret set Token",
        "passphrase rotate --yes",
        "state rename-stage live --yes",
    ],
)
def test_compressed_home_every_writer_writes_what_it_writes_packed(
    account: PackedAccount, tmp_path: Path, words: str
) -> None:
    """Case `compressed-home`: state, versions, records, secrets, and those of a new stage of the app."""
    before = {key: account.raw(key) for key in account.everything()}
    export = tmp_path / "export.json"
    export.write_bytes(
        gzip.decompress(account.raw("app/ledger/qa.json")).replace(b"ledger-qa-bucket", b"another-bucket")
    )
    run = account(*words.format(export=export).split(), "--service", "ledger/qa", answers="hunter3\n")
    assert run.code == 0, run.err
    written = [key for key in account.everything() if before.get(key) != account.raw(key)]
    assert written
    assert [key for key in written if not account.raw(key).startswith(PACKED)] == []
    answers = [account.s3.head_object(Bucket=STATE, Key=key) for key in written]
    assert {answer.get("ContentEncoding") for answer in answers} == {"gzip"}


def test_a_lock_and_a_journal_of_a_packed_app_are_packed(account: PackedAccount) -> None:
    account.put("lock/ledger/qa.json", gzip.compress(b'{"created":"2026-11-21T01:12:36Z","updateID":"fe"}'))
    assert account("unlock", "--service", "ledger/qa", "--yes").code == 0
    assert account.plain_ones("/ledger/") == []  # the record that says who broke it


def test_of_two_apps_in_one_bucket_each_stays_what_it_was(account: PackedAccount) -> None:
    assert account("state", "remove", "MyFn", "--yes", "--service", "plain/qa").code == 0
    assert [key for key in account.keys("/plain/") if account.raw(key).startswith(PACKED)] == []
    assert account("state", "remove", "MyFn", "--yes", "--service", "ledger/qa").code == 0
    assert account.plain_ones("/ledger/") == []


def test_the_same_state_is_packed_to_the_same_bytes(account: PackedAccount) -> None:
    assert account("state", "remove", "MyFn", "--yes", "--service", "ledger/qa").code == 0
    newest = account.keys("snapshot/ledger/qa/")[0]
    assert account.raw(newest) == account.raw("app/ledger/qa.json")
    assert account.raw(newest)[4:8] == b"\0\0\0\0", "no moment in it"
    versions = account("versions", "--json", "--service", "ledger/qa").document["services"][0]["versions"]
    assert [item["number"] for item in versions if item["number"]] == [2, 1]


def test_secrets_that_begin_like_gzip_by_chance_do_not_make_an_app_packed(account: PackedAccount) -> None:
    account.put("secret/plain/qa.json", PACKED + b"not packed at all")
    account("secret", "list", "--service", "plain/qa")
    assert account("state", "remove", "MyFn", "--yes", "--service", "plain/qa").code == 0
    assert [key for key in account.keys("/plain/") if account.raw(key).startswith(PACKED)] == ["secret/plain/qa.json"]


def test_what_is_packed_is_read_everywhere(account: PackedAccount) -> None:
    document = account("state", "export", "--service", "ledger/qa").out
    assert json.loads(document)["checkpoint"]["stack"] == "organization/ledger/qa"
    assert account("show", "1", "--service", "ledger/qa").code == 0
    assert account("passphrase", "status", "--service", "ledger/qa").code == 0
    assert PHRASE not in document
