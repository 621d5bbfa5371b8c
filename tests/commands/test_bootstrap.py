"""Accidents with a home, as its users meet them: what they see, and what they get back."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.engine.homes import PACKAGES, POINTER, bucket_of, buckets_in, contents, home_at, lived_in, wipe
from tests.state.buckets import EAST
from tests.support.emulators import Emulator

Command = Callable[..., Run]


@pytest.fixture
def stateroom(moto: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command line on the Serverless home of moto, a day after whatever was made in it."""
    monkeypatch.setattr("stateroom.engine.opening.factory.utc_now", lambda: datetime.now(UTC) + timedelta(days=1))

    def run(*arguments: str, answers: str | None = None) -> Run:
        out, err = Stream(terminal=answers is not None), Stream()
        given = Stream(answers or "", terminal=answers is not None)
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "dumb"}
        home = ["--home", "serverless"] if "--home" not in arguments else []
        line = [*arguments, *home, "--endpoint-url", moto.endpoint_url, "-C", str(tmp_path)]
        code = main(line, ProcessEnvironment(out=out, err=err, input=given, environment=environment))
        return Run(code, out.getvalue(), err.getvalue(), [], [])

    return run


def test_an_account_that_was_never_used_is_no_problem(stateroom: Command, moto: Emulator) -> None:
    run = stateroom("bootstrap")
    assert run.code == 0
    assert run.out.count("not made yet") == 2
    assert buckets_in(moto) == set()


def test_an_explicit_bootstrap_makes_both_buckets_once(stateroom: Command, moto: Emulator) -> None:
    assert stateroom("bootstrap", "create").code == 0
    made = {bucket_of(moto), bucket_of(moto, PACKAGES, "eu-west-1")}
    assert buckets_in(moto) == made
    again = stateroom("bootstrap", "create")
    assert again.code == 0
    assert "Everything is there already." in again.out
    assert buckets_in(moto) == made


def test_the_status_names_everything_and_whose_states_are_in_it(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    run = stateroom("bootstrap", "status")
    assert run.code == 0
    assert f"names {bucket_of(moto)}" in run.out
    assert "serverless home of account 123456789012" in run.out
    assert "orders" in run.out
    assert "serverless (CloudFormation)" in run.out
    assert "billing-dev.Url: https://new" in run.out


def test_the_status_as_json(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    answer = stateroom("bootstrap", "--json").document
    assert (answer["home"], answer["account"], answer["ok"]) == ("serverless", "123456789012", True)
    assert [(part["role"], part["kind"], part["exists"]) for part in answer["parts"]] == [
        ("states", "parameter", True),
        ("states", "bucket", True),
        ("packages", "parameter", True),
        ("packages", "bucket", True),
    ]
    assert [(state["tool"], state["service"]) for state in answer["states"]] == [
        ("stateroom", "orders"),
        ("serverless", "billing-dev"),
    ]


def test_a_directory_needs_no_bootstrap(stateroom: Command) -> None:
    run = stateroom("bootstrap", "--home", "local")
    assert (run.code, "needs no bootstrap" in run.out) == (0, True)


def test_a_directory_is_looked_at_and_never_reset(stateroom: Command, tmp_path: Path) -> None:
    (tmp_path / ".stateroom" / "app" / "orders").mkdir(parents=True)
    (tmp_path / ".stateroom" / "app" / "orders" / "dev.json").write_text("{}")
    status = stateroom("bootstrap", "--home", "local", "--json").document
    assert status["parts"][0]["holds"] == "1 objects, 2 bytes"
    assert [(state["service"], state["stage"]) for state in status["states"]] == [("orders", "dev")]
    refused = stateroom("reset", "--home", "local", "--yes")
    assert refused.code == 1
    assert "nothing points at a directory" in refused.err
    assert "to begin anew move" in refused.err


def test_a_reset_announces_each_step_and_says_before_what_deletes(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    shown = stateroom("reset", "--dry-run")
    assert "  3 of 8 · remove: what is in the backup, and only that, is deleted" in shown.out
    assert "(deletes)" in shown.out
    plan = stateroom("reset", "--dry-run", "--json").document
    assert [step["number"] for step in plan["steps"]] == list(range(1, 9))
    assert {step["phase"] for step in plan["steps"]} == {"waiting"}
    done = stateroom("reset", answers="123456789012\n")
    assert "there is no way back" in done.out
    announced = [line.partition(":")[0] for line in done.err.splitlines() if " of 8 · " in line]
    assert announced == [f"{step['number']} of 8 · {step['title']}" for step in plan["steps"]]


def test_a_misspelt_home_is_not_a_new_directory(stateroom: Command, tmp_path: Path) -> None:
    run = stateroom("bootstrap", "--home", "severless")
    assert run.code == 64
    assert "did you mean serverless?" in run.err


def test_a_deleted_parameter_is_made_again_and_nothing_else(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    bucket, before = bucket_of(moto), buckets_in(moto)
    moto.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    seen = stateroom("bootstrap")
    assert seen.code == 1
    assert "gone, although buckets are there" in seen.out
    assert stateroom("reset", "--only", "missing", "--yes").code == 0
    assert bucket_of(moto) == bucket
    assert buckets_in(moto) == before
    assert home_at(moto.endpoint_url).load("orders", "dev") is not None


def test_of_two_buckets_that_a_deleted_parameter_may_have_named_one_is_chosen(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    bucket = bucket_of(moto)
    other = "serverless-framework-state-00000000-0000-0000-0000-000000000000"
    s3 = moto.client("s3", region=EAST)
    s3.create_bucket(Bucket=other)
    s3.put_object(Bucket=other, Key="services/cfn/x/state/state.json", Body=b"{}")
    moto.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    unsure = stateroom("reset", "--only", "missing", "--yes")
    assert unsure.code == 1
    assert bucket in unsure.err
    assert other in unsure.err
    assert stateroom("reset", "--only", "missing", "--bucket", bucket, "--yes").code == 0
    assert bucket_of(moto) == bucket


def test_a_deleted_bucket_is_told_and_made_again_only_when_asked(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    bucket = bucket_of(moto)
    wipe(moto, bucket)
    seen = stateroom("bootstrap")
    assert seen.code == 1
    assert "gone" in seen.out
    assert bucket not in buckets_in(moto)
    refused = stateroom("reset", "--only", "missing", answers="n\n")
    assert (refused.code, bucket in buckets_in(moto)) == (1, False)
    assert stateroom("reset", "--only", "missing", answers="y\n").code == 0
    versioning = moto.client("s3", region=EAST).get_bucket_versioning(Bucket=bucket)
    assert versioning["Status"] == "Enabled"


def test_a_deleted_bucket_comes_back_with_what_an_earlier_reset_saved(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    assert stateroom("reset", "--yes", "--backup", str(tmp_path / "saved")).code == 0
    before = living(contents(moto, bucket_of(moto)))
    wipe(moto, bucket_of(moto))
    run = stateroom("reset", "--only", "missing", "--yes", "--backup", str(tmp_path / "saved"))
    assert run.code == 0, run.err
    assert living(contents(moto, bucket_of(moto))) == before


def test_single_objects_come_back_from_a_backup_and_newer_ones_stay(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    assert stateroom("reset", "--yes", "--backup", str(tmp_path / "saved")).code == 0
    bucket, s3 = bucket_of(moto), moto.client("s3", region=EAST)
    before = living(contents(moto, bucket))
    lost, changed = sorted(before)[:2]
    for item in s3.list_object_versions(Bucket=bucket, Prefix=lost)["Versions"]:
        s3.delete_object(Bucket=bucket, Key=lost, VersionId=item["VersionId"])
    s3.put_object(Bucket=bucket, Key=changed, Body=b"newer")
    assert stateroom("reset", "--only", "missing", "--yes", "--backup", str(tmp_path / "saved")).code == 0
    after = living(contents(moto, bucket))
    assert after[lost] == before[lost]
    assert after == {**before, changed: [b"newer", *before[changed]]}


def living(found: dict[str, list[bytes | None]]) -> dict[str, list[bytes | None]]:
    return {key: versions for key, versions in found.items() if versions[0] is not None}


def test_a_bucket_that_lost_its_versioning_gets_it_back(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    bucket, s3 = bucket_of(moto), moto.client("s3", region=EAST)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "keeps no versions" in stateroom("bootstrap").out
    assert stateroom("reset", "--only", "missing", "--yes").code == 0
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_where_nothing_is_missing_nothing_is_touched(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    before = contents(moto, bucket_of(moto))
    run = stateroom("reset", "--only", "missing", "--yes")
    assert "Nothing is missing." in run.out
    assert contents(moto, bucket_of(moto)) == before


def test_a_reset_asks_for_the_accounts_number(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    bucket = bucket_of(moto)
    refused = stateroom("reset", answers="yes\n")
    assert refused.code == 1
    assert "Nothing was removed." in refused.out
    assert bucket_of(moto) == bucket
    done = stateroom("reset", answers="123456789012\n")
    assert done.code == 0, done.err
    assert bucket not in buckets_in(moto)
    assert home_at(moto.endpoint_url).load("orders", "dev") is not None


def test_without_a_person_or_yes_nothing_is_begun(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    run = stateroom("reset")
    assert run.code == 1
    assert "--yes" in run.err
    assert not (tmp_path / "state").exists()


def test_a_dry_run_and_read_only_change_nothing(stateroom: Command, moto: Emulator, tmp_path: Path) -> None:
    lived_in(moto, tmp_path)
    before = contents(moto, bucket_of(moto))
    shown = stateroom("reset", "--dry-run")
    assert shown.code == 0
    assert f"{bucket_of(moto)}: " in shown.out
    assert stateroom("reset", "--read-only", "--yes").code == 1
    assert stateroom("bootstrap", "create", "--read-only").code == 1
    assert contents(moto, bucket_of(moto)) == before


def test_an_unfinished_reset_is_continued_and_not_repaired_over(
    stateroom: Command, moto: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in(moto, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("stateroom.state.tools.backup.Backup.restore", lambda *_: 1 / 0)
        assert stateroom("reset", "--yes").code == 1
    assert "a reset is under way" in stateroom("bootstrap").out
    assert "a reset is not finished" in stateroom("reset", "--only", "missing", "--yes").err
    done = stateroom("reset", answers="")
    assert done.code == 0, done.err
    assert "An unfinished reset" in done.out
    assert home_at(moto.endpoint_url).load("orders", "dev") is not None


def test_a_parameter_that_names_nothing_is_pointed_at_the_bucket(
    stateroom: Command, moto: Emulator, tmp_path: Path
) -> None:
    lived_in(moto, tmp_path)
    bucket = bucket_of(moto)
    moto.client("ssm", region=EAST).put_parameter(Name=POINTER, Value="{}", Type="String", Overwrite=True)
    assert "names no bucket" in stateroom("bootstrap").out
    assert stateroom("reset", "--only", "missing", "--yes").code == 0
    assert bucket_of(moto) == bucket
