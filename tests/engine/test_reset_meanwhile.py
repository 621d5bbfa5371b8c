"""A reset, and what others do in the same moment: SST makes a home of its own, someone looks in, someone says stop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from stateroom.engine.reset.steps import Phase, ResetStep
from stateroom.errors import StateError
from tests.engine.sites import SstSite, acting, newest, reset_of, run
from tests.support.emulators import REGION

pytestmark = pytest.mark.emulator


def second_home(site: SstSite, *, used: bool) -> str:
    """What `sst` does where it finds no parameter: another pair of buckets, and perhaps a deploy into it."""
    s3, ssm = boto3.client("s3"), boto3.client("ssm")
    for name in ("sst-state-aaaaaaaaaaaa", "sst-asset-aaaaaaaaaaaa"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if used:
        s3.put_object(Bucket="sst-state-aaaaaaaaaaaa", Key="app/orders/dev.json", Body=b"a twin")
        s3.put_object(Bucket="sst-state-aaaaaaaaaaaa", Key="app/news/dev.json", Body=b"only there")
    body = {"version": 5, "asset": "sst-asset-aaaaaaaaaaaa", "state": "sst-state-aaaaaaaaaaaa"}
    ssm.put_parameter(Name="/sst/bootstrap", Value=json.dumps(body), Type="String", Overwrite=True)
    return "sst-state-aaaaaaaaaaaa"


@pytest.fixture
def sst(tmp_path: Path) -> Iterator[SstSite]:
    with mock_aws():
        yield SstSite(tmp_path)


def test_between_the_old_pointer_and_the_new_one_the_home_looks_broken_and_never_empty(
    sst: SstSite, tmp_path: Path
) -> None:
    seen = []

    def look_in() -> None:
        with pytest.raises(StateError) as caught:
            sst.home().load("orders", "dev")
        seen.append(caught.value.what)

    run(reset_of(sst, tmp_path / "backup", acting((ResetStep.POINT, Phase.RUNNING), look_in)))
    (what,) = seen
    assert "the parameter /sst/bootstrap in eu-west-1 is gone, but the bucket" in what


@pytest.mark.parametrize("moment", [(ResetStep.POINT, Phase.RUNNING), (ResetStep.SWEEP, Phase.RUNNING)])
def test_an_empty_home_that_sst_made_in_that_moment_is_swept_away(
    sst: SstSite, tmp_path: Path, moment: tuple[ResetStep, Phase]
) -> None:
    before = sst.buckets()
    run(reset_of(sst, tmp_path / "backup", acting(moment, lambda: second_home(sst, used=False))))
    sst.settle()
    assert newest(sst.buckets()) == newest(before)
    assert sst.pointer()["assetEcrUrl"]


def test_a_home_that_was_used_in_that_moment_is_named_and_never_overwritten(sst: SstSite, tmp_path: Path) -> None:
    before = newest(sst.buckets())
    with pytest.raises(StateError, match="someone has made another home meanwhile") as caught:
        run(
            reset_of(
                sst, tmp_path / "backup", acting((ResetStep.POINT, Phase.RUNNING), lambda: second_home(sst, used=True))
            )
        )
    assert sst.pointer()["state"] == "sst-state-aaaaaaaaaaaa"
    ours = caught.value.why.rsplit(" ", 1)[1]
    with pytest.raises(StateError, match="someone has made another home"):
        reset_of(sst, tmp_path / "backup").replace()
    assets = ours.replace("state", "asset")
    reset_of(sst, tmp_path / "backup").replace([ours, assets])
    sst.settle()
    assert sst.pointer()["state"] == ours
    after = newest(sst.buckets())
    assert after["states"].pop("app/news/dev.json") == b"only there"
    assert after == before
    saved = {path.read_bytes() for path in (tmp_path / "backup" / "objects").iterdir()}
    assert b"a twin" in saved


def test_a_reset_that_someone_else_has_begun_is_theirs(sst: SstSite, tmp_path: Path) -> None:
    sst.bootstrap().close("ben@desk")
    with pytest.raises(StateError, match="a reset is under way already"):
        run(reset_of(sst, tmp_path / "backup"))


@pytest.mark.parametrize("step", [step for step in ResetStep if step is not ResetStep.SAVE])
def test_it_stops_when_asked_and_says_how_it_goes_on(sst: SstSite, tmp_path: Path, step: ResetStep) -> None:
    before = newest(sst.buckets())
    previous = list(ResetStep)[list(ResetStep).index(step) - 1]
    reset = reset_of(sst, tmp_path / "backup", acting((previous, Phase.DONE), lambda: reset.stop()))
    with pytest.raises(StateError, match=f"stopped at step {list(ResetStep).index(step) + 1} of 8") as caught:
        run(reset)
    assert "`stateroom reset` continues it" in caught.value.todo
    again = reset_of(sst, tmp_path / "backup")
    assert [stage.phase for stage in again.stages()].count(Phase.DONE) == list(ResetStep).index(step)
    assert again.inventory().resumed
    run(again)
    sst.settle()
    assert newest(sst.buckets()) == before
