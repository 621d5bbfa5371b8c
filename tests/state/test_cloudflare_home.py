"""SST's home at Cloudflare: keys without .json, a passphrase beside the state, conditions by R2's S3 API."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from stateroom.errors import LockedError, StateConflictError, StateError
from stateroom.model.values import Secret
from stateroom.state.home import Home
from stateroom.state.homes.cloudflare import cloudflare_home
from stateroom.state.homes.cloudflare_bootstrap import CloudflareParts
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.cloudflare_api import API, Cloudflare, R2Clients
from stateroom.state.stores.patience import Patience
from stateroom.state.stores.r2 import R2Store
from tests.state.builders import ANA, BEN, deploy, queue, snapshot, ticking
from tests.state.cloudflare_api import ACCOUNT, BUCKET, TOKEN, TOKEN_ID, Api, running
from tests.state.sst_states import ledger

pytestmark = pytest.mark.emulator


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        server.buckets[BUCKET] = {}
        yield server


def home_at(api: Api, token: str = TOKEN, **environment: str) -> Home:
    source = PassphraseSource(environment={}, keyring=None)
    settings = {"CLOUDFLARE_API_TOKEN": token, **environment}
    return cloudflare_home(settings, source, holder=ANA, clock=ticking(), url=api.url, sleep=lambda _: None)


def store_at(api: Api) -> R2Store:
    return R2Store(Cloudflare(Secret(TOKEN), lambda: ACCOUNT, api.url, Patience(lambda _: None)), BUCKET)


def test_states_of_sst_are_found_without_a_suffix(api: Api) -> None:
    api.buckets[BUCKET]["app/ledger/qa"] = ledger().dump()
    api.buckets[BUCKET]["app/ledger/packed"] = gzip.compress(ledger().dump())
    home = home_at(api)
    assert home.services() == (("ledger", "packed"), ("ledger", "qa"))
    assert home.label == "cloudflare bucket sst-state"


def test_a_whole_operation_uses_sst_keys_and_the_passphrase_object(api: Api) -> None:
    home = home_at(api)
    stored = deploy(home, snapshot(queue(Token=Secret("hunter2"))))
    again = deploy(home, replace(stored.snapshot, records=(queue(Token=Secret("hunter3")),)), stored.etag)
    assert again.number == 2
    keys = sorted(api.buckets[BUCKET])
    assert "app/orders/dev" in keys
    assert "passphrase/orders/dev" in keys
    assert not [key for key in keys if key.endswith(".json") or key.startswith("lock/")]
    assert b"hunter" not in b"".join(api.buckets[BUCKET].values())
    loaded = home_at(api).load("orders", "dev")
    assert loaded is not None
    assert loaded.snapshot.records[0].inputs["Token"] == Secret("hunter3")


def test_pages_are_walked_to_the_end(api: Api) -> None:
    for number in range(10):
        api.buckets[BUCKET][f"snapshot/a/b/{number}"] = b"{}"
    assert len(list(store_at(api).list("snapshot/a/b/"))) == 10


def test_an_object_that_is_not_there_is_nothing_and_a_bucket_that_is_not_there_an_error(api: Api) -> None:
    store = store_at(api)
    store.write_raw("app/orders/dev.json", b"bytes")
    assert (store.raw("app/orders/dev.json"), store.raw("app/orders/prod.json")) == (b"bytes", None)
    api.buckets.clear()
    with pytest.raises(StateError, match="bucket sst-state does not exist"):
        store.raw("app/orders/dev.json")


def test_the_one_bucket_is_a_candidate_for_states_as_long_as_it_is_there(api: Api) -> None:
    account = Cloudflare(Secret(TOKEN), lambda: ACCOUNT, api.url, Patience(lambda _: None))
    parts = CloudflareParts(account, ticking(), ANA)
    assert (parts.candidates("states"), parts.candidates("packages")) == ((BUCKET,), ())
    api.buckets.clear()
    assert parts.candidates("states") == ()


def test_conditions_hold(api: Api) -> None:
    store = store_at(api)
    etag = store.put("k", b"1", if_none_match=True)
    with pytest.raises(StateConflictError):
        store.put("k", b"2", if_none_match=True)
    with pytest.raises(StateConflictError):
        store.put("k", b"2", if_match="another")
    store.put("k", b"2", if_match=etag)
    with pytest.raises(StateConflictError):
        store.delete("k", if_match=etag)
    store.delete("k")
    assert store.get("k") is None


def test_of_sixteen_writers_that_all_found_nothing_one_wins(api: Api) -> None:
    def take(number: int) -> bool:
        try:
            store_at(api).put("lock/a/b", str(number).encode(), if_none_match=True)
        except StateConflictError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(take, range(16)))
    assert won.count(True) == 1
    blob = store_at(api).get("lock/a/b")
    assert blob is not None
    assert int(blob.data) == won.index(True)


def test_a_writer_that_read_before_another_wrote_is_refused(api: Api) -> None:
    first, other = store_at(api), store_at(api)
    etag = first.put("k", b"1")
    other.put("k", b"2", if_match=etag)
    with pytest.raises(StateConflictError):
        first.put("k", b"3", if_match=etag)
    assert api.buckets[BUCKET]["k"] == b"2"


def test_the_token_is_the_key_of_the_s3_api_and_its_hash_the_secret() -> None:
    rest = Cloudflare(Secret(TOKEN), lambda: ACCOUNT)
    rest.__dict__["_token_id"] = TOKEN_ID  # as Cloudflare told it
    client = R2Clients(rest)("s3", "auto")
    assert rest.url == API
    assert client.meta.endpoint_url == f"https://{ACCOUNT}.r2.cloudflarestorage.com"
    credentials = client._request_signer._credentials
    assert (credentials.access_key, credentials.secret_key) == (TOKEN_ID, hashlib.sha256(TOKEN.encode()).hexdigest())


def test_a_token_that_is_the_accounts_is_a_key_too(api: Api) -> None:
    api.owner = "account"
    store_at(api).put("k", b"1")
    assert api.buckets[BUCKET] == {"k": b"1"}


def test_a_token_without_rights_to_the_s3_api_is_told_what_it_lacks(api: Api) -> None:
    api.without_s3 = True
    for action in (lambda: home_at(api).services(), lambda: store_at(api).put("lock/a/b", b"", if_none_match=True)):
        with pytest.raises(StateError, match="Cloudflare refuses") as caught:
            action()
        assert "may not use R2's S3 API" in caught.value.why
        assert "Workers R2 Storage: Edit" in caught.value.todo
        assert TOKEN not in str(caught.value)


def test_what_sst_packed_stays_packed_without_a_header(api: Api) -> None:
    api.buckets[BUCKET]["app/ledger/qa"] = gzip.compress(ledger().dump())
    home = home_at(api)
    blob = home.documents.read("ledger", "qa")
    assert blob is not None
    home.documents.store.put("app/ledger/qa", blob.data, if_match=blob.etag)
    home.withdraw(home.begin("ledger", "qa", "look"))
    assert gzip.decompress(api.buckets[BUCKET]["app/ledger/qa"]) == ledger().dump()


def test_a_lock_keeps_others_out(api: Api) -> None:
    ana, ben = home_at(api), home_at(api)
    ben.locks.holder = BEN
    with ana.lock(ana.begin("a", "b", "deploy")), pytest.raises(LockedError), ben.lock(ben.begin("a", "b", "deploy")):
        pass
    assert not [key for key in api.buckets[BUCKET] if key.startswith("lock/")]


def test_a_stumble_is_tried_again_and_an_outage_is_said(api: Api) -> None:
    store = store_at(api)
    store.put("k", b"1")
    api.failing = 2
    assert store.get("k") is not None
    api.failing = 100
    with pytest.raises(StateError, match="InternalError"):
        store.get("k")


def test_a_missing_bucket_is_no_empty_home(api: Api) -> None:
    store = store_at(api)
    del api.buckets[BUCKET]
    with pytest.raises(StateError, match="the bucket sst-state does not exist"):
        store.get("app/ledger/qa")
    with pytest.raises(StateError, match="there is no bucket sst-state"):
        deploy(home_at(api), snapshot(queue()))


def test_a_wrong_token_is_said_and_never_shown(api: Api) -> None:
    with pytest.raises(StateError) as caught:
        home_at(api, "very-secret-token").services()
    assert "Authentication error" in str(caught.value)
    assert "very-secret-token" not in str(caught.value)


def test_without_a_token_nothing_is_tried(api: Api) -> None:
    with pytest.raises(StateError, match="CLOUDFLARE_API_TOKEN"):
        cloudflare_home({}, PassphraseSource(environment={}), holder=ANA, clock=ticking(), url=api.url)
    assert api.calls == []


def test_an_empty_file_in_the_place_of_a_state_is_no_new_stage(api: Api) -> None:
    """SST at Cloudflare has replaced states by empty files."""
    api.buckets[BUCKET]["app/ledger/qa"] = b""
    assert home_at(api).services() == (("ledger", "qa"),)
    with pytest.raises(StateError, match="empty"):
        home_at(api).load("ledger", "qa")


def test_updates_of_sst_are_versions(api: Api) -> None:
    update = "fe5e04590eb413d4bd8ae9fe"
    api.buckets[BUCKET][f"snapshot/ledger/qa/{update}"] = ledger().dump()
    body = {"id": update, "command": "deploy", "timeStarted": "2026-11-21T01:09:44Z", "errors": None}
    api.buckets[BUCKET][f"update/ledger/qa/{update}"] = json.dumps(body).encode()
    (version,) = home_at(api).versions("ledger", "qa")
    assert (version.number, version.command) == (1, "deploy")
