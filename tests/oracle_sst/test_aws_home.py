"""SST and stateroom take turns on one home at AWS, which an emulator stands in for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.fake import Run, Stream
from tests.commands.sst_home import cipher, with_secret
from tests.oracle_sst.conftest import Sst, app
from tests.state.sst_states import ledger
from tests.support.emulators import CREDENTIALS, REGION, Emulator


class Both:
    """One account, two tools."""

    def __init__(self, sst: Sst, cloud: Emulator, directory: Path) -> None:
        self.sst, self.cloud, self.directory = sst, cloud, directory
        self.s3, self.ssm = cloud.client("s3"), cloud.client("ssm")

    def __call__(self, *arguments: str, answers: str = "") -> Run:
        from stateroom.cli import main
        from stateroom.commands.environment import ProcessEnvironment

        out, err = Stream(), Stream()
        given = [*arguments, "-C", str(self.directory), "--home", "sst", "--endpoint-url", self.cloud.endpoint_url]
        environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(self.directory)}
        host = ProcessEnvironment(out=out, err=err, input=Stream(answers), environment=environment)
        return Run(main([*given, "--region", REGION], host), out.getvalue(), err.getvalue(), [], [])

    @property
    def bucket(self) -> str:
        return str(json.loads(self.ssm.get_parameter(Name="/sst/bootstrap")["Parameter"]["Value"])["state"])

    def reachable(self) -> None:
        """The emulator takes SST's policy for more than it says, and would refuse everything."""
        for bucket in self.s3.list_buckets()["Buckets"]:
            self.s3.delete_bucket_policy(Bucket=bucket["Name"])


@pytest.fixture
def both(binary: Path, platform_directory: Path, tmp_path: Path, moto: Emulator) -> Both:
    more = {"AWS_ENDPOINT_URL": moto.endpoint_url, "AWS_REGION": REGION, **CREDENTIALS}
    found = Both(app(binary, platform_directory, tmp_path, "aws", **more), moto, tmp_path)
    found.sst("state", "list", "--stage", "qa", ok=False)  # bootstraps, and then may not look into its own bucket
    found.reachable()
    return found


def test_a_home_that_sst_bootstrapped_is_found(both: Both) -> None:
    run = both("bootstrap", "status")
    assert both.bucket in run.out, run.err
    assert both("versions", "--json").document["services"] == []


def test_states_and_secrets_go_both_ways(both: Both) -> None:
    both.sst("secret", "set", "Theirs", "from sst", "--stage", "qa")
    phrase = both.ssm.get_parameter(Name="/sst/passphrase/ledger/qa", WithDecryption=True)["Parameter"]["Value"]
    key = cipher(phrase)
    data = with_secret(ledger(salt=key.salt), key).dump()
    both.s3.put_object(Bucket=both.bucket, Key="app/ledger/qa.json", Body=data)

    assert "token: hunter2" in both("state", "show", "MyFn", "--decrypt").out
    assert both("secret", "set", "Ours", answers="from stateroom").code == 0
    assert "from stateroom" in both.sst("secret", "list", "--stage", "qa")
    assert both("state", "remove", "MyBucket", "--keep-dependants", "--yes").code == 0
    assert "No changes" in both.sst("state", "repair", "--stage", "qa", ok=False)
    assert "hunter2" in both.sst("state", "export", "--stage", "qa", "--decrypt")


def test_a_pointer_that_was_deleted_comes_back_before_sst_makes_another_home(both: Both) -> None:
    both.sst("secret", "set", "Theirs", "from sst", "--stage", "qa")
    bucket = both.bucket
    both.ssm.delete_parameter(Name="/sst/bootstrap")
    run = both("reset", "--only", "missing", "--yes")
    assert run.code == 0, run.err
    assert both.bucket == bucket
    both.reachable()  # the repair has put SST's policy back
    assert "from sst" in both.sst("secret", "list", "--stage", "qa")


def test_what_sst_stored_is_one_history_without_anything_twice(both: Both) -> None:
    """What was put there by hand comes before, although S3 tells only the second that both have."""
    both.sst("secret", "set", "Theirs", "from sst", "--stage", "qa")
    phrase = both.ssm.get_parameter(Name="/sst/passphrase/ledger/qa", WithDecryption=True)["Parameter"]["Value"]
    key = cipher(phrase)
    data = with_secret(ledger(salt=key.salt), key).dump()
    both.s3.put_object(Bucket=both.bucket, Key="app/ledger/qa.json", Body=data)
    both.sst("state", "remove", "MyFn", "--stage", "qa", typed="y\n")
    listed = both("versions", "--all", "--json").document["services"][0]["versions"]
    assert [(item["number"], item["command"], item["current"]) for item in listed] == [
        (1, "edit", True),
        (None, "unrecorded write", False),
    ]
    shown = both("show", "1").out
    assert "- MyFn" in shown
    assert "against version @" in shown
