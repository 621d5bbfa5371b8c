"""States that this release, this passphrase or these credentials cannot answer for: said so, and left as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.provider import Identity
from stateroom.engine.tools.pending_lookup import lookup_within
from stateroom.engine.tools.record_providers import RecordProvider, provider_of
from stateroom.errors import CloudError, StateError
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE
from stateroom.state.tools.pending_operations import Unanswered
from stateroom.state.tools.repair import repair
from tests.commands.sst_home import PHRASE, Machine, cipher, with_secret
from tests.state.sst_states import PROVIDER, STACK, bucket, component, document, function, ledger, urn


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# ---- newer releases

READERS = ["status", "state list", "state show MyFn", "state check", "versions"]
WRITERS = [
    "state repair",
    "state remove MyFn",
    "state import FILE",
    "state prune --keep 1",
    "state rename-stage other",
    "passphrase rotate",
    "rollback --state-only 1",
]


def newer(machine: Machine) -> bytes:
    """A state of a version that nobody knows yet, over a past that can be read."""
    machine.deployed()
    body = json.loads(ledger().dump())
    data = json.dumps(body | {"version": 5}).encode()
    machine.put("app", data)
    return data


@pytest.mark.parametrize("command", READERS)
def test_a_newer_state_is_said_to_be_newer_and_its_versions_are_listed(machine: Machine, command: str) -> None:
    """(case `newer-version`)"""
    newer(machine)
    run = machine(*command.split(), "--service", "ledger/qa")
    said = run.out + run.err
    assert "damaged" not in said
    assert "state repair` puts it right" not in said
    if command == "versions":
        assert "deploy" in run.out
    elif command != "state check":
        assert "version 5 is newer than this stateroom" in said, said


@pytest.mark.parametrize("command", WRITERS)
def test_a_newer_state_is_not_repaired_replaced_or_put_back(machine: Machine, command: str, tmp_path: Path) -> None:
    data = newer(machine)
    file = tmp_path / "export.json"
    file.write_bytes(ledger().dump())
    words = [str(file) if word == "FILE" else word for word in command.split()]
    run = machine(*words, "--service", "ledger/qa", "--yes")
    assert run.code == 1, run.out + run.err
    assert "newer than this stateroom" in run.err
    assert (machine.states / "app" / "ledger" / "qa.json").read_bytes() == data
    assert not list(machine.states.rglob("damaged/*"))


def test_a_file_of_a_newer_version_is_not_imported(machine: Machine, tmp_path: Path) -> None:
    machine.deployed()
    file = tmp_path / "export.json"
    file.write_text(json.dumps(json.loads(ledger().dump()) | {"version": 7}))
    run = machine("state", "import", str(file), "--service", "ledger/qa", "--yes")
    assert "version 7 is newer than this stateroom" in run.err


# ---- secrets of another provider

TOKEN = {SIGNATURE: SECRET, "ciphertext": "v1:gam5AUnVRTxsqE5Z:ThryfkoU7SeYrEEorWVG7sLyXO7DrUTX3A=="}
PROVIDERS: dict[str, tuple[dict[str, Any], str]] = {
    "service": ({"type": "service", "state": {"url": "https://api.example.org"}}, "Pulumi Cloud"),
    "awskms": ({"type": "cloud", "state": {"url": "awskms://alias/key?region=eu-west-1"}}, "awskms"),
    "gcpkms": ({"type": "cloud", "state": {"url": "gcpkms://projects/p"}}, "gcpkms"),
    "azurekeyvault": ({"type": "cloud", "state": {"url": "azurekeyvault://v.example.org/k"}}, "azurekeyvault"),
    "hashivault": ({"type": "cloud", "state": {"url": "hashivault://key"}}, "hashivault"),
    "one that nobody knows": ({"type": "abacus"}, "abacus"),
    "one with an address that tells nothing": ({"type": "abacus", "state": {"url": "https://a.example.org"}}, "abacus"),
    "a cloud without an address": ({"type": "cloud"}, "cloud"),
}


def exported(provider: dict[str, Any], secret: dict[str, Any]) -> dict[str, Any]:
    """What `pulumi stack export` writes."""
    latest = ledger(function("Secretive", inputs={"token": secret})).latest
    return {"version": 3, "deployment": {**latest, "secrets_providers": provider}}


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("place", ["resources", "pending_operations"])
def test_secrets_that_the_home_cannot_open_are_refused(machine: Machine, tmp_path: Path, name: str, place: str) -> None:
    """(case `import-service-secrets`)"""
    before = machine.deployed().read_bytes()
    provider, shown = PROVIDERS[name]
    body = exported(provider, TOKEN)
    if place == "pending_operations":
        last = body["deployment"]["resources"].pop()
        body["deployment"]["pending_operations"] = [{"resource": last, "type": "creating"}]
    (tmp_path / "export.json").write_text(json.dumps(body))
    run = machine("state", "import", str(tmp_path / "export.json"), "--service", "ledger/qa", "--yes")
    assert run.code == 1
    assert f"secrets are encrypted by {shown}" in run.err
    assert "pulumi stack export --show-secrets" in run.err
    assert machine.state().dump() == before


def test_shown_secrets_are_encrypted_with_the_homes_passphrase(machine: Machine, tmp_path: Path) -> None:
    machine.deployed()
    shown = {SIGNATURE: SECRET, "plaintext": json.dumps("hush")}
    (tmp_path / "export.json").write_text(json.dumps(exported(PROVIDERS["service"][0], shown)))
    run = machine("state", "import", str(tmp_path / "export.json"), "--service", "ledger/qa", "--yes")
    assert run.code == 0, run.err
    state = machine.state()
    assert "hush" not in json.dumps(state.body)
    assert state.latest["secrets_providers"]["type"] == "passphrase"
    assert "hush" in machine("state", "export", "--service", "ledger/qa", "--decrypt").out


def test_secrets_of_another_passphrase_are_refused(machine: Machine, tmp_path: Path) -> None:
    before = machine.deployed().read_bytes()
    key = cipher("another")
    (tmp_path / "export.json").write_bytes(with_secret(ledger(salt=key.salt), key).dump())
    run = machine("state", "import", str(tmp_path / "export.json"), "--service", "ledger/qa", "--yes")
    assert run.code == 1
    assert machine.state().dump() == before


def test_an_export_without_secrets_comes_in_whatever_would_have_encrypted_them(
    machine: Machine, tmp_path: Path
) -> None:
    machine.deployed()
    latest = {**ledger(function("More")).latest, "secrets_providers": PROVIDERS["awskms"][0]}
    (tmp_path / "export.json").write_text(json.dumps({"version": 3, "deployment": latest}))
    assert machine("state", "import", str(tmp_path / "export.json"), "--service", "ledger/qa", "--yes").code == 0
    assert machine.state().latest["secrets_providers"]["type"] == "passphrase"


# ---- where a pending resource is asked about

EAST = PROVIDER | {"urn": urn("pulumi:providers:aws", "east"), "id": "east-id", "inputs": {"region": "us-east-1"}}


def pending(provider: dict[str, Any] | str, **fields: Any) -> dict[str, Any]:
    reference = provider if isinstance(provider, str) else f"{provider['urn']}::{provider['id']}"
    raw = bucket("Edge", "") | {"inputs": {"bucket": "edge"}, "provider": reference} | fields
    return {"resource": {key: value for key, value in raw.items() if key != "id"}, "type": "creating"}


class Cloud:
    """An account with buckets, by region."""

    def __init__(self, region: str, account: str, buckets: dict[str, str]) -> None:
        self.region, self.account, self.buckets = region, account, buckets

    def identity(self) -> Identity:
        return Identity(self.account, self.region)

    def supports(self, type_: str) -> bool:
        return True

    def read(self, type_: str, physical_id: str, inputs: object) -> object | None:
        return object() if self.buckets.get(physical_id) == self.region else None


def repaired(state: CheckpointDocument, account: str = "111122223333") -> tuple[list[RecordProvider], list[str]]:
    opened: list[RecordProvider] = []

    def open_(place: RecordProvider) -> Any:
        opened.append(place)
        if place.profile == "missing":
            raise CloudError("there is no profile missing")
        return Cloud(place.region, account, {"edge": "us-east-1"})

    edit = repair(state, ask=lookup_within(open_)(state))
    return opened, [f"{item.sign} {item.text}" for item in edit.alterations]


def test_a_pending_resource_is_asked_about_in_its_providers_region() -> None:
    """(case `repair-provider-region`)"""
    state = document(STACK, PROVIDER, EAST, bucket("Other", "other"), pending=[pending(EAST)])
    opened, said = repaired(state)
    assert [place.region for place in opened] == ["us-east-1"]
    assert said == ["+ was being created and exists as edge: taken into the state"]


UNANSWERED = {
    "a provider that the state lacks": (
        {},
        "urn:pulumi:qa::ledger::pulumi:providers:aws::lost::id",
        "is not in the state",
    ),
    "a role in another account": (
        {"assumeRole": json.dumps({"roleArn": "arn:aws:iam::999999999999:role/deployer"})},
        "",
        "it is in account 999999999999, and these credentials are of 111122223333",
    ),
    "roles, as newer providers have them": (
        {"assumeRoles": json.dumps([{"roleArn": "arn:aws:iam::999999999999:role/deployer"}])},
        "",
        "it is in account 999999999999",
    ),
    "accounts that are allowed": ({"allowedAccountIds": '["999999999999"]'}, "", "it is in account 999999999999"),
    "credentials of its own": ({"accessKey": "AKIA"}, "", "credentials of its own (accessKey)"),
    "a profile that is not here": ({"profile": "missing"}, "", "there is no profile missing"),
}


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_its_own_provider_cannot_be_asked_stays_pending(name: str) -> None:
    inputs, reference, why = UNANSWERED[name]
    provider = EAST | {"inputs": {**EAST["inputs"], **inputs}}
    state = document(STACK, PROVIDER, provider, pending=[pending(reference or provider)])
    (said,) = [line for line in repaired(state)[1] if "pending" in line]
    assert said.startswith("? is pending (creating): ")
    assert why in said


def test_the_arns_of_other_resources_tell_the_account() -> None:
    known = bucket("Other", "other") | {"provider": f"{EAST['urn']}::{EAST['id']}"}
    known |= {"outputs": {"arn": "arn:aws:sqs:us-east-1:444455556666:other"}}
    state = document(STACK, PROVIDER, EAST, known, pending=[pending(EAST)])
    assert "it is in account 444455556666" in repaired(state)[1][0]
    assert repaired(state, "444455556666")[1][0].startswith("+")


def test_a_provider_that_sends_calls_elsewhere_is_known_by_its_endpoint() -> None:
    provider = EAST | {"inputs": {"region": "us-east-1", "endpoints": '[{"s3": "http://localhost:4566"}]'}}
    state = document(STACK, provider)
    assert provider_of(pending(provider)["resource"], state).endpoint == "http://localhost:4566"


def test_a_lookup_without_credentials_settles_nothing() -> None:
    def nobody(_: RecordProvider) -> Any:
        raise StateError("no credentials")

    state = document(STACK, EAST)
    assert lookup_within(nobody)(state)(pending(EAST)["resource"]) == Unanswered("no credentials")


# ---- a stage before its first deploy


def test_secrets_can_be_set_and_listed_before_the_first_deploy(machine: Machine) -> None:
    """(case `secret-list-before-deploy`)"""
    (machine.here / "sst.config.ts").write_text('export default $config({ app() { return { name: "ledger" }; } });')
    machine.put("passphrase", PHRASE.encode(), "s1")
    assert machine("secret", "list", "--stage", "s1").code == 0
    run = machine("secret", "set", "Token", "--stage", "s1", answers="hush\n")
    assert run.code == 0, run.err
    assert "Token" in machine("secret", "list", "--stage", "s1").out
    assert machine("passphrase", "status", "--stage", "s1").code == 0
    assert not (machine.states / "app").exists()
    assert "it was never deployed" in machine("state", "list", "--stage", "s1").err


def test_a_stage_that_has_only_secrets_is_one(machine: Machine) -> None:
    machine.put("passphrase", PHRASE.encode(), "s1")
    assert machine("secret", "list", "--service", "ledger/s1").code == 0
    assert machine("secret", "list", "--service", "ledger/s2").code == 64


# ---- aliases


def renamed() -> CheckpointDocument:
    """A bucket that had another name and another parent, referred to by both."""
    state = ledger(component("Kept"))
    old = urn("sst:aws:Bucket$aws:s3/bucket:Bucket", "OldName")
    resources = []
    for raw in json.loads(json.dumps(state.resources)):
        if raw["urn"].endswith("::MyBucketBucket"):
            raw["aliases"] = [old]
        if raw["urn"].endswith("::MyFn"):
            raw |= {"dependencies": [old], "propertyDependencies": {"environment": [old]}, "deletedWith": old}
        resources.append(raw)
    return state.with_resources(resources)


def test_an_alias_is_followed(machine: Machine) -> None:
    state = CheckpointDocument.parse(json.dumps(renamed().body).encode())
    worker = next(raw for raw in state.resources if raw["urn"].endswith("::MyFn"))
    present = urn("sst:aws:Bucket$aws:s3/bucket:Bucket", "MyBucketBucket")
    assert worker["dependencies"] == [present]
    assert worker["propertyDependencies"] == {"environment": [present]}
    assert worker["deletedWith"] == present
    assert state.problems() == ()
    assert repair(state).alterations == ()
    machine.put("app", json.dumps(renamed().body).encode())
    shown = machine("state", "show", "OldName", "--service", "ledger/qa")
    assert shown.code == 0, shown.err
    assert present in shown.out
    assert "MyFn" in shown.out
