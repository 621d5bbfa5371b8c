"""Edges of stores, homes and their records that no story walks along."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import Secret
from stateroom.model.version import UpdateSummary
from stateroom.state.checkpoint.ordering import in_dependency_order, without_cycles, without_dependency
from stateroom.state.checkpoint.resource_codec import provider_id
from stateroom.state.checkpoint.tokens import Urns
from stateroom.state.history.updates import _numbers, version_of
from stateroom.state.homes.bootstrap import GONE, UNVERSIONED
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.fixed import DirectoryParts, OwnBucketParts
from stateroom.state.homes.serverless import ServerlessNames, _AccountParts
from stateroom.state.homes.sst_bootstrap import SstParts
from stateroom.state.repository.raw_repository import _equal
from stateroom.state.secrets.cipher import Passphrase
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE, unseal
from stateroom.state.secrets.secrets_file import SecretsFile, _sealed
from stateroom.state.stores import packing
from stateroom.state.stores.aws import AwsClients, is_uncertain
from stateroom.state.stores.directory import DirectoryStore
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.packing import Packing, compress, decompress
from stateroom.state.stores.store import Blob
from stateroom.state.stores.versioned import digest_of
from stateroom.state.tools import edits
from stateroom.state.tools.move import move, rename_state
from stateroom.state.tools.repair import _type_in
from tests.state.buckets import EAST, bucket_in, clients_for
from tests.state.builders import home_in, queue, sealed_shut, snapshot
from tests.state.sst_states import PROVIDER, STACK, bucket, document, ledger
from tests.support.emulators import Emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)

# ---- records of operations that another tool wrote, or nobody whole


@pytest.mark.parametrize("summary", [None, "text", {}, {"created": None, "updated": "2", "deleted": [1]}])
def test_counts_that_a_record_does_not_tell_are_none(summary: Any) -> None:
    version = version_of("id", {"summary": summary}, NOW, 1, current=False)
    assert (version.created, version.updated, version.deleted) == (0, 0, 0)
    assert version.counted is isinstance(summary, dict)


@pytest.mark.parametrize("number", [None, "7", 0, -1, 2.0])
def test_a_record_without_a_number_gets_the_next_free_one(number: Any) -> None:
    assert _numbers({"c": {"number": 3}, "b": {"number": number}, "a": {"number": 9}}) == {"c": 3, "b": 4, "a": 9}
    assert _numbers({"c": {"number": number}, "b": {"number": 1}}) == {"c": 2, "b": 1}


# ---- what is packed


def test_what_is_larger_unpacked_than_any_state_is_refused_and_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packing, "_LARGEST", 10)
    assert decompress(compress(b"x" * 10)) == b"x" * 10
    with pytest.raises(StateError, match="larger than 10 bytes"):
        decompress(compress(b"x" * 11))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\x1f\x8b", b"\x1f\x8b\x08 no gzip", gzip.compress(b"cut off", mtime=0)[:-4]]
)
def test_what_is_not_whole_gzip_stays_as_it_is(data: bytes) -> None:
    assert decompress(data) == data


def test_an_app_is_packed_as_its_state_is_and_one_without_objects_as_the_others_are(tmp_path: Path) -> None:
    class Kept(DirectoryStore):
        def get(self, key: str) -> Blob | None:
            blob = super().get(key)
            return Blob(kept.unpack(key, blob.data), blob.etag, blob.modified) if blob else None

    kept, store = Packing(sst=True), Kept(tmp_path)
    assert not kept.packs("app/first/dev.json", store)
    store.put("app/shop/dev.json", compress(b"{}"))
    store.put("app/zoo/dev.json", b"{}")
    kept = Packing(sst=True)
    assert kept.packs("snapshot/shop/dev/1.json", store)
    assert not kept.packs("lock/zoo/dev.json", store)
    assert kept.packs("app/new/dev.json", store), "as the first of the others"
    kept.unpack("snapshot/zoo/dev/1.json", compress(b"{}"))
    assert not kept.packs("app/zoo/dev.json", store), "its state decides"
    assert not Packing().packs("app/shop/dev.json", store), "outside SST's layout each object is what it was"


# ---- stores


def test_of_a_store_that_is_not_there_no_digest_is_told_and_none_is_made(tmp_path: Path) -> None:
    def refuse() -> DirectoryStore:
        raise AssertionError("made")

    store = DirectoryStore(tmp_path)
    store.put("a", b"bytes")
    assert digest_of(PointedStore(lambda: None, refuse), "a") is None
    assert digest_of(PointedStore(lambda: store, refuse), "a") == digest_of(store, "a") == digest_of(Plain(store), "a")
    assert digest_of(store, "b") is digest_of(Plain(store), "b") is None


class Plain:
    """A store that tells no digests."""

    def __init__(self, store: DirectoryStore) -> None:
        self.get, self.put, self.list = store.get, store.put, store.list
        self.delete, self.delete_all = store.delete, store.delete_all


def test_two_states_are_equal_whatever_their_spaces_and_a_damaged_one_is_equal_to_itself_alone() -> None:
    state = ledger().dump()
    spaced = state.replace(b":", b": ", 1)
    assert _equal(Blob(state, "1", NOW), Blob(spaced, "2", NOW)) is True
    assert _equal(Blob(b"{", "1", NOW), Blob(b"{", "1", NOW)) is True
    for other in (ledger().with_resources([]).dump(), b"{", b""):
        assert _equal(Blob(state, "1", NOW), Blob(other, "2", NOW)) is False


# ---- homes


def test_a_home_that_has_moved_meanwhile_is_not_committed_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")

    def moved(app: str, stage: str) -> None:
        raise StateError(f"the home of {app}/{stage} was reset")

    with home.lock(update), monkeypatch.context() as patched:
        patched.setattr(type(home.locks), "confirmed", lambda self, app, stage: moved(app, stage))
        with pytest.raises(StateError, match="the home of orders/dev was reset"):
            home.commit(snapshot(queue()), expected=None, update=update, summary=UpdateSummary())
    assert home.load("orders", "dev") is None


def test_a_home_of_ones_own_is_not_searched_for_the_frameworks_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: DirectoryStore, prefix: str) -> Iterator[str]:
        raise AssertionError("listed")

    home = home_in(tmp_path)
    monkeypatch.setattr(DirectoryStore, "list", refuse)
    assert home.framework_states({("orders-dev", "eu-west-1")}) == {}


@pytest.mark.parametrize(("name", "tool"), [("local", "stateroom"), ("sst-local", "sst")])
def test_the_states_of_a_directory_are_those_of_its_tool_and_other_files_are_none(
    tmp_path: Path, name: str, tool: str
) -> None:
    store = DirectoryStore(tmp_path)
    store.put("app/orders/dev.json", b"{}")
    store.put("app/orders/empty.json", b" \n")
    for other in ("app/notes.txt", "app/orders/deep/dev.json", "snapshot/orders/dev/1.json"):
        store.put(other, b"")
    tenants = DirectoryParts(name, store).tenants()
    assert [(tenant.tool, tenant.service, tenant.stage, tenant.problem) for tenant in tenants] == [
        (tool, "orders", "dev", ""),
        (tool, "orders", "empty", "its object is empty"),
    ]


def test_what_is_wrong_with_a_bucket_of_ones_own_is_said(moto: Emulator) -> None:
    bucket_in(moto, "whole")
    bucket_in(moto, "plain", versioned=False)
    for name, exists, problem in (("whole", True, ""), ("plain", True, UNVERSIONED), ("gone", False, GONE)):
        (part,) = OwnBucketParts(clients_for(moto.endpoint_url), CustomBucket(name, EAST)).parts()
        assert (part.name, part.exists, part.problem) == (name, exists, problem)


def test_every_kind_of_object_of_a_state_has_a_key_of_its_own() -> None:
    def keys(names: ServerlessNames) -> list[str]:
        prefixes = names.snapshots, names.updates, names.journals
        return [names.state, names.lock, names.damaged("7"), names.snapshot("7"), names.update("7"), *prefixes]

    one, other = keys(ServerlessNames("orders", "dev")), keys(ServerlessNames("orders", "prod"))
    assert all(one)
    assert len({*one, *other}) == len(one) + len(other)
    assert ServerlessNames("orders", "dev").damaged("7") == "stateroom/damaged/orders_dev/7.json"


class Sst:
    """What SST's bootstrap answers: that the parameter may not be read, or names nothing."""

    region = "eu-west-1"

    def __init__(self, answer: StateError) -> None:
        self._answer = answer

    def pointer(self) -> object:
        raise self._answer

    def has_repository(self) -> bool:
        return True


def test_a_parameter_that_may_not_be_read_is_no_damaged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = SstParts(AwsClients(offline=True, region="eu-west-1"))
    monkeypatch.setattr(parts, "_sst", cast(Any, Sst(StateError("cannot read the parameter", why="AccessDenied"))))
    with pytest.raises(StateError, match="cannot read the parameter"):
        parts.parts()


@pytest.mark.parametrize("own", [None, CustomBucket("states", EAST)])
def test_only_a_bucket_that_a_parameter_names_is_confirmed_by_it(own: CustomBucket | None) -> None:
    asked: list[str] = []
    account = _AccountParts(AwsClients(offline=True), lambda: NOW, lambda: EAST, own)
    account._pointed.recheck = lambda: asked.append("parameter")  # type: ignore[method-assign]
    account.confirm()
    assert asked == ([] if own else ["parameter"])


# ---- secrets


def test_a_nonce_that_sst_would_take_for_gzip_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    nonces = [b"\x1f\x8b" + bytes(10), b"\x1f\x8b" + bytes(10), bytes(12)]
    monkeypatch.setattr(os, "urandom", lambda _: nonces.pop(0))
    assert _sealed({"Token": Secret("hunter2")}, bytes(32)).startswith(bytes(12))


@pytest.mark.parametrize("phrase", ["correct horse", "dG9vIHNob3J0", ""])
def test_secrets_of_sst_are_encrypted_only_with_what_sst_can_decrypt(tmp_path: Path, phrase: str) -> None:
    passphrase = Passphrase(Secret(phrase), "given")
    file = SecretsFile(DirectoryStore(tmp_path), "secret/orders/dev.json", "orders/dev", lambda _: passphrase)
    with pytest.raises(PassphraseError, match="not one that SST's secrets can be encrypted with"):
        file.change(lambda _: {"Token": Secret("hunter2")})
    assert not file.exists()


# ---- edits of a state


@pytest.mark.parametrize(
    ("count", "says"), [(1, "Q0"), (5, "Q0, Q1, Q2, Q3, Q4"), (7, "Q0, Q1, Q2, Q3, Q4 and 2 more")]
)
def test_a_refusal_names_five_resources_and_counts_the_rest(count: int, says: str) -> None:
    protected = [{**bucket(f"Q{number}"), "protect": True} for number in range(count)]
    names = [f"Q{number}" for number in range(count)]
    with pytest.raises(StateError) as refused:
        edits.remove(ledger(*protected), names, with_dependants=False, keep=False, force=False)
    assert refused.value.what == f"{says} is protected"


@pytest.mark.parametrize("key", ["ciphertext", "plaintext"])
def test_a_secret_inside_a_secret_is_its_plain_value(key: str) -> None:
    """Pulumi encrypts a secret subtree once, as a whole."""
    inner = {SIGNATURE: SECRET, key: json.dumps("hunter2")}
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    whole = {SIGNATURE: SECRET, "plaintext": json.dumps({"a": [inner], "b": asset, "c": {SIGNATURE: SECRET}})}
    opened = unseal(whole, sealed_shut())
    assert opened.reveal() == {"a": ["hunter2"], "b": asset, "c": None}
    with pytest.raises(StateError, match="has no value"):
        unseal({SIGNATURE: SECRET, "plaintext": "no JSON"}, sealed_shut())


# ---- the order of a state's resources


def ours(name: str, *dependencies: str, **fields: Any) -> dict[str, Any]:
    """A resource that stateroom wrote, and what it depends on, by name."""
    urns = [f"urn:pulumi:qa::ledger::aws-native:sqs:Queue::{item}" for item in (name, *dependencies)]
    listed: dict[str, Any] = {"dependencies": urns[1:]} if dependencies else {}
    return {"urn": urns[0], "custom": True, "type": "aws-native:sqs:Queue", "id": name, **listed, **fields}


def order(resources: list[dict[str, Any]]) -> list[str]:
    return [raw["id"] for raw in resources]


def test_a_resource_stands_after_those_that_it_refers_to_and_others_stay() -> None:
    whole = [ours("a"), ours("b", "a")]
    assert in_dependency_order(whole) is whole
    assert order(in_dependency_order([ours("c", "b"), ours("b", "a"), ours("a"), ours("z")])) == ["a", "b", "c", "z"]
    assert order(in_dependency_order([ours("b", parent=ours("a")["urn"]), ours("a")])) == ["a", "b"]
    assert order(in_dependency_order([ours("b", provider=f"{ours('a')['urn']}::id"), ours("a")])) == ["a", "b"]
    assert order(in_dependency_order([ours("b", "gone")])) == ["b"], "what is not there orders nothing"


def test_a_circle_is_opened_where_only_the_order_of_deletes_is_lost() -> None:
    a, b = ours("a", "b", propertyDependencies={"X": [ours("b")["urn"]], "Y": None}), ours("b", "a")
    opened = without_cycles([a, b])
    assert sorted(order(opened)) == ["a", "b"]
    assert sum(len(raw.get("dependencies", ())) for raw in opened) == 1
    fixed = [ours("a", parent=ours("b")["urn"]), ours("b", parent=ours("a")["urn"])]
    with pytest.raises(StateError, match="depend on each other"):
        without_cycles(fixed)
    kept = without_cycles([ours("a", "b"), ours("b", "a", parent=ours("a")["urn"])])
    assert [(raw["id"], raw.get("dependencies")) for raw in kept] == [("a", []), ("b", [ours("a")["urn"]])]
    without = without_dependency(a, ours("b")["urn"])
    assert (without["dependencies"], without["propertyDependencies"]) == ([], {"X": [], "Y": []})
    assert without_dependency(ours("c"), "x") == ours("c")


# ---- answers of AWS


def answer(status: int, code: str = "") -> ClientError:
    body: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(body, "PutObject")


@pytest.mark.parametrize(
    ("error", "uncertain"),
    [
        (answer(500), True),
        (answer(503, "SlowDown"), True),
        (answer(499), False),
        (answer(400, "RequestTimeout"), True),
        (answer(400, "SlowDown"), True),
        (answer(400, "InternalError"), True),
        (answer(412, "PreconditionFailed"), False),
        (ReadTimeoutError(endpoint_url="http://x"), True),
        (ValueError("a bug"), False),
    ],
)
def test_a_write_may_have_been_carried_out_where_its_answer_was_lost(error: Exception, uncertain: bool) -> None:
    assert is_uncertain(error) is uncertain


@pytest.mark.parametrize(
    ("urn", "type_"),
    [
        ("urn:pulumi:qa::ledger::sst:aws:Bucket$aws:s3/bucket:Bucket::name", "aws:s3/bucket:Bucket"),
        ("urn:pulumi:qa::ledger::aws:s3/bucket:Bucket::odd::name", "aws:s3/bucket:Bucket"),
        ("urn:pulumi:qa::ledger::broken", "unknown:unknown:Unknown"),
    ],
)
def test_the_type_of_a_resource_without_one_is_in_its_urn(urn: str, type_: str) -> None:
    assert _type_in(urn) == type_


# ---- renames


def test_only_our_own_providers_derived_id_follows_a_new_name() -> None:
    old, new = Urns("ledger", "qa"), Urns("ledger", "live")
    provider = {"urn": old.provider, "custom": True, "id": provider_id(old), "type": "pulumi:providers:aws-native"}
    given = {**provider, "id": "given by the user"}
    twin = bucket("Twin", provider_id(old))
    for before, after in ((provider, provider_id(new)), (given, "given by the user")):
        renamed = rename_state(document(STACK, before, twin), ("ledger", "live"))
        ids = {raw["urn"]: raw["id"] for raw in renamed.resources if "id" in raw}
        assert ids == {new.provider: after, twin["urn"].replace(":qa::", ":live::"): provider_id(old)}


def test_a_pending_operation_of_what_is_moved_does_not_stay_behind_and_another_does() -> None:
    one, other = bucket("One", "one"), bucket("Other", "other")
    pending = [{"resource": raw, "type": "updating"} for raw in (one, other)]
    here = document(STACK, PROVIDER, one, other, pending=pending)
    there = document(STACK, PROVIDER).with_resources([])
    moved = move(here, rename_state(there, ("ledger", "live")), ["One"], (sealed_shut(), sealed_shut()))
    assert [item["resource"]["id"] for item in moved.source.document.pending] == ["other"]
    assert [raw["id"] for raw in moved.source.document.resources if raw["type"] == one["type"]] == ["other"]
    arrived = moved.destination.document.resources
    assert [raw["id"] for raw in arrived if raw["type"] == one["type"]] == ["one"]
    assert [raw["type"] for raw in arrived if raw["type"].startswith("pulumi:")] == [STACK["type"], PROVIDER["type"]]
    again = move(here, moved.destination.document, ["Other"], (sealed_shut(), sealed_shut())).destination.document
    assert len(again.resources) == len(arrived) + 1, "the provider is there already"
