"""SST's bootstrap: what is missing is put back, and a reset loses nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.reset.bootstrap import look, repair
from stateroom.engine.reset.runner import Reset
from stateroom.errors import StateError
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.sst import SstBootstrap, sst_home
from stateroom.state.homes.sst_bootstrap import SstParts
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.engine.homes import buckets_in, contents, wipe
from tests.state.buckets import clients_for
from tests.state.builders import deploy, queue, snapshot
from tests.support.emulators import REGION, Emulator

PACKAGE = b"a zip"
SHA256 = hashlib.sha256(PACKAGE).hexdigest()


class Account:
    """An account with an SST home in it, and the same seen by stateroom."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.emulator, self.directory = emulator, directory
        self.clients = clients_for(emulator.endpoint_url)
        SstBootstrap(self.clients, lambda: REGION).create()
        self.without_policies()
        package = directory / "package.zip"
        package.write_bytes(PACKAGE)
        home = self.home()
        deploy(home, snapshot(queue(), Url="https://x"))
        home.packages.put(SHA256, package)
        self.said: list[str] = []

    def home(self) -> Home:
        source = PassphraseSource("correct horse", environment={}, keyring=None)
        holder = Holder("ana", "laptop", 4242, "stateroom")
        return sst_home(self.clients, source, holder=holder, clock=lambda: datetime.now(UTC), region=lambda: REGION)

    @property
    def parts(self) -> SstParts:
        return SstParts(self.clients)

    @property
    def pointer(self) -> dict[str, Any]:
        value = self.emulator.client("ssm").get_parameter(Name="/sst/bootstrap")["Parameter"]["Value"]
        body: dict[str, Any] = json.loads(value)
        return body

    def without_policies(self) -> None:
        """moto takes SST's policy to forbid everything, not only calls without TLS."""
        for name in buckets_in(self.emulator):
            self.emulator.client("s3").delete_bucket_policy(Bucket=name)

    def repair(self, **choices: Any) -> int:
        done = repair(self.parts, self.said.append, **choices)
        self.without_policies()
        return done

    def reset(self) -> None:
        reset = Reset(self.parts, self.directory / "backup", lambda _: None, lambda: datetime.now(UTC), "ana@laptop")
        reset.inventory()
        reset.back_up()
        reset.replace()
        self.without_policies()

    def check(self) -> None:
        """What was deployed is there as it was."""
        stored = self.home().load("orders", "dev")
        assert stored is not None
        assert [record.logical_id for record in stored.snapshot.records] == ["Queue"]
        assert self.home().artifact(SHA256) == PACKAGE
        assert look(self.parts).problems == ()


@pytest.fixture
def account(emulator: Emulator, tmp_path: Path) -> Account:
    return Account(emulator, tmp_path)


def test_packages_lie_in_the_asset_bucket(account: Account) -> None:
    assert f"asset/{SHA256}.zip" in contents(account.emulator, account.pointer["asset"], REGION)
    account.check()


def test_the_status_names_all_parts_and_whose_states_are_in_it(account: Account) -> None:
    status = look(account.parts)
    assert [(part.role, part.kind, part.exists) for part in status.parts] == [
        ("states", "parameter", True),
        ("states", "bucket", True),
        ("packages", "bucket", True),
        ("images", "repository", True),
    ]
    assert [(tenant.tool, tenant.service, tenant.stage) for tenant in status.tenants] == [("sst", "orders", "dev")]


def test_a_reset_moves_states_and_packages_and_keeps_the_images(account: Account) -> None:
    before = account.pointer
    account.reset()
    after = account.pointer
    assert buckets_in(account.emulator) == {after["state"], after["asset"]}
    assert {before["state"], before["asset"]}.isdisjoint({after["state"], after["asset"]})
    assert after["state"].removeprefix("sst-state-") == after["asset"].removeprefix("sst-asset-")
    assert {**before, "state": "", "asset": ""} == {**after, "state": "", "asset": ""}
    account.check()


def test_a_deleted_parameter_is_made_again_for_the_buckets_that_are_there(account: Account) -> None:
    before = account.pointer
    account.emulator.client("ssm").delete_parameter(Name="/sst/bootstrap")
    with pytest.raises(StateError, match="is gone, but the bucket"):
        account.home().load("orders", "dev")
    assert account.repair() == 1
    assert account.pointer == before
    account.check()


def test_a_parameter_that_names_nothing_is_written_anew(account: Account) -> None:
    before = account.pointer
    account.emulator.client("ssm").put_parameter(Name="/sst/bootstrap", Value="{}", Type="String", Overwrite=True)
    assert account.repair() == 1
    assert account.pointer["state"] == before["state"]
    account.check()


def test_a_deleted_state_bucket_is_made_again_and_filled_from_a_backup(account: Account) -> None:
    account.reset()
    wipe(account.emulator, account.pointer["state"], REGION)
    with pytest.raises(StateError, match="does not exist"):
        account.home().load("orders", "dev")
    account.repair(backup=account.directory / "backup")
    account.check()


def test_a_deleted_asset_bucket_and_repository_come_back(account: Account) -> None:
    wipe(account.emulator, account.pointer["asset"], REGION)
    account.emulator.client("ecr").delete_repository(repositoryName="sst-asset", force=True)
    assert len(look(account.parts).problems) == 2
    assert account.repair() == 2
    assert look(account.parts).problems == ()
    assert account.home().load("orders", "dev") is not None


def test_a_home_that_is_being_reset_is_closed_to_everyone(account: Account) -> None:
    account.parts.close("ana@laptop")
    with pytest.raises(StateError, match="is being reset"):
        account.home().load("orders", "dev")
    with pytest.raises(StateError, match="is being reset"):
        account.repair()
    with pytest.raises(StateError, match="a reset is under way already"):
        account.reset()


def test_where_the_backup_of_a_reset_is_lost_a_person_may_open_what_is_left(account: Account) -> None:
    account.parts.close("ana@laptop")
    assert account.repair(choices=[account.pointer["state"]]) == 1
    account.check()
