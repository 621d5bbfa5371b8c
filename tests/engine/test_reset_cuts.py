"""A reset cut off at every call that changes something, then run again: nothing lost, nothing left over, it converges.

The cut is simulated: from the chosen point on no call gets through and no note is written. What others do in the same
moment is simulated as well: they act right before or after a call.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from stateroom.engine.reset.bootstrap import create, look, repair
from stateroom.engine.reset.progress_file import ProgressFile
from stateroom.engine.reset.steps import Phase
from stateroom.errors import StateError, StateroomError
from stateroom.state.homes.bootstrap import Bootstrap
from stateroom.state.homes.serverless_bootstrap import ServerlessBootstrap
from stateroom.state.homes.sst_bootstrap import SstParts
from stateroom.state.stores.cloudflare_api import Cloudflare
from stateroom.state.stores.parameters import Parameters
from stateroom.state.tools.backup import Backup
from tests.engine.power import Mains
from tests.engine.sites import CLIENTS, CloudflareSite, ServerlessSite, Site, SstSite, every, newest, now, reset_of, run
from tests.state.cloudflare_api import Api, running
from tests.support.emulators import REGION

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.timeout(600),
]
READING = ("Get", "List", "Head", "Describe")


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        yield server


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> Mains:
    """The power of everything that a reset writes with."""
    supply = Mains()

    def powered(write: Callable[..., Any], error: Callable[[], Exception], reads: Callable[..., bool]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if supply.remaining < 0 or not (reads(*arguments) or supply.use()):
                raise error()
            answer = write(*arguments, **options)
            if not (reads(*arguments) or supply.use()):
                raise error()  # done, but nobody hears of it
            return answer

        return call

    def noted(write: Callable[..., Any]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if not supply.use():
                raise cut()
            return write(*arguments, **options)

        return call

    def offline() -> Exception:
        error: Exception = EndpointConnectionError(endpoint_url="nowhere")
        return error

    def cut() -> Exception:
        return StateError("power cut")

    aws = powered(BaseClient._make_api_call, offline, lambda _, name, *__: name.startswith(READING))
    monkeypatch.setattr(BaseClient, "_make_api_call", aws)
    monkeypatch.setattr(Cloudflare, "result", powered(Cloudflare.result, cut, lambda _, method, *__: method == "GET"))
    monkeypatch.setattr(ProgressFile, "write", noted(ProgressFile.write))
    monkeypatch.setattr(Backup, "_append", noted(Backup._append))
    return supply


def cut_everywhere(make: Callable[[Path], Site], base: Path, mains: Mains, first: int) -> None:
    """Cut a reset off at every fourth point from the first, run it again, and compare with what was there before."""
    with mock_aws():
        site = make(base)
        before, bring_back = site.buckets(), site.remember()
        for point in itertools.count(first, 4):
            bring_back()
            mains.remaining = point
            with suppress(StateroomError):
                run(reset_of(site, base / f"backup{point}"))
            finished = mains.remaining >= 0
            mains.remaining = 1_000_000
            site.settle()
            again = reset_of(site, base / f"backup{point}")
            run(again)
            site.settle()
            found = site.buckets()
            assert newest(found) == newest(before), f"cut at {point}"
            assert every(found) == every(before), f"cut at {point}"
            assert look(site.bootstrap()).problems == ()
            assert all(stage.phase is Phase.DONE for stage in again.stages())
            stored = site.home().load("orders", "dev")
            assert stored is not None
            assert [record.logical_id for record in stored.snapshot.records] == ["Queue", "Second"]
            if finished:
                assert point > 20, "it was expected to write more often than that"
                return


@pytest.mark.parametrize("first", range(4))
def test_a_reset_of_an_sst_home_cut_off_anywhere_is_continued(tmp_path: Path, mains: Mains, first: int) -> None:
    cut_everywhere(SstSite, tmp_path, mains, first)


@pytest.mark.parametrize("first", range(4))
def test_a_reset_of_a_serverless_home_cut_off_anywhere_is_continued(tmp_path: Path, mains: Mains, first: int) -> None:
    cut_everywhere(ServerlessSite, tmp_path, mains, first)


@pytest.mark.parametrize("first", range(4))
def test_a_reset_at_cloudflare_cut_off_anywhere_is_continued(
    tmp_path: Path, mains: Mains, api: Api, first: int
) -> None:
    cut_everywhere(lambda directory: CloudflareSite(directory, api), tmp_path, mains, first)


# -- what is less than a reset


@pytest.mark.parametrize("home", [ServerlessBootstrap, SstParts])
def test_a_bootstrap_cut_off_anywhere_is_finished_by_the_next_or_by_a_repair(mains: Mains, home: Any) -> None:
    def bootstrap() -> Bootstrap:
        made: Bootstrap = home(CLIENTS, REGION, now) if home is ServerlessBootstrap else home(CLIENTS)
        return made

    finished, point = False, 0
    while not finished:
        with mock_aws():
            mains.remaining = point
            with suppress(StateroomError):
                create(bootstrap(), print)
            finished, mains.remaining = mains.remaining >= 0, 1_000_000
            if look(bootstrap()).problems:
                with pytest.raises(StateError, match="reset --only missing"):
                    create(bootstrap(), print)
                repair(bootstrap(), print)
            create(bootstrap(), print)
            assert look(bootstrap()).problems == ()
            named = {bucket.name for bucket in bootstrap().buckets()}
            assert len(named) == 2
            assert all(bucket.buckets.exists(bucket.name) for bucket in bootstrap().buckets())
        point += 1
    assert point > 4


@pytest.mark.parametrize("site", [ServerlessSite, SstSite])
def test_a_repair_cut_off_anywhere_is_finished_by_the_next(tmp_path: Path, mains: Mains, site: Any) -> None:
    finished, point = False, 0
    with mock_aws():
        account: Site = site(tmp_path)
        before, bring_back = account.buckets(), account.remember()
        while not finished:
            bring_back()
            for name in account.bootstrap().pointers():
                for region in ("us-east-1", REGION):
                    Parameters(CLIENTS, region).delete(name)
            mains.remaining = point
            with suppress(StateroomError):
                repair(account.bootstrap(), print)
            finished, mains.remaining = mains.remaining >= 0, 1_000_000
            account.settle()
            repair(account.bootstrap(), print)
            account.settle()
            assert look(account.bootstrap()).problems == ()
            assert newest(account.buckets()) == newest(before)
            point += 1
    assert point > 2
