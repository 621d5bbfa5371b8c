"""SST's home at AWS, as SST bootstraps and fills it: seen, gone back in, and every accident that SST makes worse."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.commands.sst_home import PHRASE, cipher, with_secret
from tests.state.sst_states import component, ledger
from tests.support.emulators import REGION, Emulator

STATE, ASSET = "sst-state-hofsfzcouknv", "sst-asset-hofsfzcouknv"
UPDATE = "fe5e04590eb413d4bd8ae9fe"


class Account:
    """An AWS account that SST was used in, and stateroom's commands run on it."""

    def __init__(self, cloud: Emulator, directory: Path) -> None:
        self.cloud, self.directory = cloud, directory
        self.s3, self.ssm = cloud.client("s3"), cloud.client("ssm")
        for name in (STATE, ASSET):
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=STATE, VersioningConfiguration={"Status": "Enabled"})
        body = {"version": 5, "asset": ASSET, "assetEcrRegistryId": "1", "assetEcrUrl": "x", "state": STATE}
        self.ssm.put_parameter(Name="/sst/bootstrap", Value=json.dumps(body), Type="String")

    def put(self, key: str, data: bytes) -> None:
        self.s3.put_object(Bucket=STATE, Key=key, Body=data, ContentType="application/json")

    def deployed(self, app: str = "ledger", **more: Any) -> None:
        """What `sst deploy` leaves, a secret in the state included."""
        key = cipher()
        data = with_secret(ledger(salt=key.salt), key).dump().replace(b"ledger", app.encode())
        self.put(f"app/{app}/qa.json", more.get("packed", data) and (gzip.compress(data) if more else data))
        self.put(f"snapshot/{app}/qa/{UPDATE}.json", data)
        update: dict[str, Any] = {
            "id": UPDATE,
            "version": "4.17.1",
            "command": "deploy",
            "timeStarted": "2026-11-21T01:09:44Z",
        }
        update |= {"errors": [{"urn": "", "message": "it took too long"}], "timeCompleted": "2026-11-21T01:10:26Z"}
        self.put(f"update/{app}/qa/{UPDATE}.json", json.dumps(update).encode())
        self.ssm.put_parameter(Name=f"/sst/passphrase/{app}/qa", Value=PHRASE, Type="SecureString", Overwrite=True)

    def __call__(self, *arguments: str, answers: str = "") -> Run:
        out, err = Stream(), Stream()
        given = [*arguments, "-C", str(self.directory), "--home", "sst", "--endpoint-url", self.cloud.endpoint_url]
        environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(self.directory)}
        host = ProcessEnvironment(out=out, err=err, input=Stream(answers), environment=environment)
        return Run(main([*given, "--region", REGION], host), out.getvalue(), err.getvalue(), [], [])

    def everything(self) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=STATE).get("Contents", [])]


@pytest.fixture
def account(emulator: Emulator, tmp_path: Path) -> Account:
    found = Account(emulator, tmp_path)
    found.deployed()
    return found


def test_every_app_and_stage_is_a_service_even_when_names_begin_alike(account: Account) -> None:
    """`sst state list` panics when another app's name begins with this one's."""
    account.deployed("ledger-api")
    services = [item["service"] for item in account("versions", "--json").document["services"]]
    assert services == ["ledger/qa", "ledger-api/qa"]


def test_a_state_is_decrypted_with_the_passphrase_from_ssm(account: Account) -> None:
    run = account("state", "show", "MyFn", "--decrypt")
    assert "token: hunter2" in run.out, run.err


def test_the_history_says_what_when_how_long_and_what_went_wrong(account: Account) -> None:
    (version,) = account("versions", "--json").document["services"][0]["versions"]
    assert (version["command"], version["errors"]) == ("deploy", ["it took too long"])
    shown = account("show", "1").out
    assert "took 42 s" in shown
    assert "it took too long" in shown


def test_a_packed_state_is_read(account: Account) -> None:
    account.deployed(packed=True)
    assert account("state", "list").code == 0


def test_looking_writes_nothing(account: Account) -> None:
    before = account.everything()
    for arguments in (["status"], ["versions"], ["state", "list"], ["secret", "list"], ["passphrase", "status"]):
        account(*arguments)
    account("state", "remove", "MyFn", "--dry-run")
    assert account.everything() == before


def test_change_and_go_back(account: Account) -> None:
    assert account("state", "remove", "MyFn", "--yes").code == 0
    run = account("rollback", "1", "--state-only", "--yes", "--json")
    assert run.code == 0, run.err
    assert "MyFn" in account("state", "list").out
    assert not [key for key in account.everything() if key.startswith("lock/")]


def test_what_the_deploying_tool_does_is_left_to_it(account: Account) -> None:
    run = account("deploy", "--yes")
    assert run.code == 1
    assert "sst deploy" in run.err


def test_secrets_are_kept_as_sst_keeps_them(account: Account) -> None:
    assert account("secret", "set", "Token", answers="hunter3").code == 0
    assert "Token=hunter3" in account("secret", "list", "--reveal").out
    assert account("secret", "set", "Shared", "--fallback", answers="x").code == 0
    parameter = account.ssm.get_parameter(Name="/sst/passphrase/ledger/_fallback", WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    assert parameter["Value"] != PHRASE


# ---- accidents (what SST itself makes of them is in the names)


def test_pointer_deleted_where_sst_would_make_new_buckets_in_silence(account: Account) -> None:
    account.ssm.delete_parameter(Name="/sst/bootstrap")
    run = account("state", "list")
    assert run.code == 1
    assert STATE in run.err
    assert "stateroom bootstrap status" in run.err
    assert len(account.s3.list_buckets()["Buckets"]) == 2


def test_bucket_deleted_is_named_with_what_names_it(account: Account) -> None:
    for version in account.s3.list_object_versions(Bucket=STATE)["Versions"]:
        account.s3.delete_object(Bucket=STATE, Key=version["Key"], VersionId=version["VersionId"])
    account.s3.delete_bucket(Bucket=STATE)
    run = account("state", "list")
    assert run.code == 1
    assert STATE in run.err
    assert "/sst/bootstrap" in run.err


def test_pointer_that_says_nothing(account: Account) -> None:
    account.ssm.put_parameter(Name="/sst/bootstrap", Value="{}", Type="String", Overwrite=True)
    run = account("state", "list")
    assert run.code == 1
    assert "names no state bucket" in run.err


def test_passphrase_deleted_where_sst_would_make_another_in_its_place(account: Account) -> None:
    account.ssm.delete_parameter(Name="/sst/passphrase/ledger/qa")
    assert account("state", "list").code == 0
    assert account("state", "show", "MyFn", "--decrypt").code == 1
    assert account("secret", "list").code == 0, "there are none, so nothing has to be opened"
    with pytest.raises(Exception, match="ParameterNotFound"):
        account.ssm.get_parameter(Name="/sst/passphrase/ledger/qa")


@pytest.mark.parametrize("damage", [b"", b'{"version":3,"check'])
def test_empty_and_cut_off_states_are_listed_and_come_back(account: Account, damage: bytes) -> None:
    account.put("app/ledger/qa.json", damage)
    run = account("state", "list")
    assert run.code == 1
    assert "state repair" in run.err
    run = account("state", "repair", "--yes")
    assert run.code == 0, run.err
    assert "MyFn" in account("state", "list").out


def test_without_snapshots_the_buckets_own_versions_are_gone_back_to(account: Account) -> None:
    account.put("app/ledger/qa.json", ledger(component("Newest")).dump())
    account.put("app/ledger/qa.json", b"")
    account.s3.delete_object(Bucket=STATE, Key=f"snapshot/ledger/qa/{UPDATE}.json")
    run = account("state", "repair", "--yes", "--service", "ledger/qa")
    assert run.code == 0, run.err
    assert "brought back from version @" in run.out
    assert "Newest" in account("state", "list").out


def test_another_region_is_not_taken_for_an_empty_stage(account: Account) -> None:
    given = ["state", "list", "-C", str(account.directory), "--home", "sst", "--region", "us-west-2"]
    out, err = Stream(), Stream()
    host = ProcessEnvironment(out=out, err=err, input=Stream(), environment={"HOME": str(account.directory)})
    main([*given, "--endpoint-url", account.cloud.endpoint_url, "--service", "ledger/qa"], host)
    assert "there is no state of 'ledger/qa'" in err.getvalue()


def test_a_lock_of_sst_is_seen_and_its_record_is_kept(account: Account) -> None:
    started = "2026-11-21T01:12:36.367945364Z"
    lock = {"created": started, "updateID": "fe5e000000000000aaaaaaaa", "runID": "", "command": "deploy"}
    account.put("lock/ledger/qa.json", json.dumps(lock).encode())
    key = "update/ledger/qa/fe5e000000000000aaaaaaaa.json"
    account.put(key, json.dumps({"id": "x", "command": "deploy", "timeStarted": started}).encode())
    assert account("state", "remove", "MyFn", "--yes").code == 1
    assert account("unlock", "--yes").code == 0
    record = json.loads(account.s3.get_object(Bucket=STATE, Key=key)["Body"].read())
    assert record["timeStarted"] == started, "`sst unlock` loses it"
    assert record["errors"]


def test_status_says_that_there_is_only_a_state(account: Account) -> None:
    run = account("status")
    assert run.code == 0, run.err
    assert "as the state has them" in run.out
    assert "neither config nor cloud" in account("diff").out
