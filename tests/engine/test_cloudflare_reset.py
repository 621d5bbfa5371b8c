"""A reset of SST's home at Cloudflare: no pointer, no versions, one bucket of one name, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stateroom.engine.reset.bootstrap import look, repair
from stateroom.engine.reset.steps import Phase, ResetStep
from stateroom.errors import LockedError, StateError
from stateroom.model.values import Secret
from stateroom.state.homes.cloudflare import cloudflare_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.engine.sites import HOLDER, CloudflareSite, acting, now, reset_of, run
from tests.state.builders import deploy, queue, snapshot
from tests.state.cloudflare_api import BUCKET, Api, running

pytestmark = pytest.mark.emulator


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        yield server


@pytest.fixture
def r2(tmp_path: Path, api: Api) -> CloudflareSite:
    return CloudflareSite(tmp_path, api)


def test_locks_keep_sst_out_while_the_bucket_is_empty(r2: CloudflareSite, tmp_path: Path) -> None:
    seen: list[set[str]] = []
    run(
        reset_of(
            r2,
            tmp_path / "backup",
            acting((ResetStep.REMOVE, Phase.DONE), lambda: seen.append(set(r2.api.buckets[BUCKET]))),
        )
    )
    assert seen == [{"lock/orders/dev", "stateroom/reset"}]
    assert not [key for key in r2.api.buckets[BUCKET] if key.startswith(("lock/", "stateroom/reset"))]


def test_nobody_reads_an_empty_home_meanwhile(r2: CloudflareSite, tmp_path: Path) -> None:
    def look_in() -> None:
        with pytest.raises(StateError, match="the home is being reset"):
            r2.home().load("orders", "dev")

    run(reset_of(r2, tmp_path / "backup", acting((ResetStep.REMOVE, Phase.DONE), look_in)))


def test_a_deploy_that_runs_stops_the_reset(r2: CloudflareSite, tmp_path: Path) -> None:
    r2.api.buckets[BUCKET]["lock/orders/dev"] = b'{"command": "deploy", "created": "2026-11-21T01:09:44Z"}'
    before = dict(r2.api.buckets[BUCKET])
    with pytest.raises(LockedError, match="orders/dev is locked"):
        run(reset_of(r2, tmp_path / "backup"))
    assert r2.api.buckets[BUCKET] == before


def test_the_inventory_says_what_r2_cannot_do(r2: CloudflareSite, tmp_path: Path) -> None:
    inventory = reset_of(r2, tmp_path / "backup").inventory()
    assert [(tenant.service, tenant.stage) for tenant in inventory.tenants] == [("orders", "dev")]
    assert "keeps no versions" in inventory.remarks[0]
    assert inventory.sizes[0][0] == BUCKET


def test_a_bucket_that_someone_deleted_is_made_again_and_filled(r2: CloudflareSite, tmp_path: Path) -> None:
    run(reset_of(r2, tmp_path / "backup"))
    before = dict(r2.api.buckets[BUCKET])
    del r2.api.buckets[BUCKET]
    (part,) = look(r2.bootstrap()).problems
    assert part.problem == "not there: deleted, or never made"
    assert repair(r2.bootstrap(), lambda _: None, backup=tmp_path / "backup") >= 1
    assert r2.api.buckets[BUCKET] == before


def test_a_passphrase_that_someone_deleted_is_named_and_put_back(r2: CloudflareSite, tmp_path: Path) -> None:
    source = PassphraseSource(environment={}, keyring=None)
    home = cloudflare_home(r2.environment, source, holder=HOLDER, clock=now, url=r2.api.url, sleep=lambda _: None)
    stored = home.load("orders", "dev")
    assert stored is not None
    deploy(home, snapshot(queue(Token=Secret("hunter2"))), stored.etag)
    run(reset_of(r2, tmp_path / "backup"))
    kept = r2.api.buckets[BUCKET].pop("passphrase/orders/dev")
    (part,) = look(r2.bootstrap()).problems
    assert (part.kind, part.name, part.problem) == ("passphrase", "passphrase/orders/dev", "gone")
    repair(r2.bootstrap(), lambda _: None, backup=tmp_path / "backup")
    assert r2.api.buckets[BUCKET]["passphrase/orders/dev"] == kept
    assert look(r2.bootstrap()).problems == ()
