"""Each call of each part of a home in AWS, and what it makes of answers and refusals, as it was last agreed to.

`__snapshots__/exchanges` holds a file a part. After one was meant to change:

    .venv/bin/pytest tests/state/test_exchanges.py --snapshot-update

and read the difference.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.errors import StateError
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.fixed import OwnBucketParts
from stateroom.state.homes.pointed import PointedBucket
from stateroom.state.homes.serverless import STATE_POINTER
from stateroom.state.homes.serverless_bootstrap import ServerlessBootstrap
from stateroom.state.homes.sst import POINTER, SstBootstrap
from stateroom.state.homes.sst_bootstrap import SstParts
from stateroom.state.pointer import pointer_text
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.packing import Packing
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3ObjectVersion, S3Store
from tests.state.exchanges import CODES, NOW, Account, outcome

AGREED: Final = Path(__file__).with_name("__snapshots__") / "exchanges"
EAST: Final = "us-east-1"
VERSIONS: Final = tuple(S3ObjectVersion(key, "v1", NOW, latest=True) for key in ("a", "b"))
Works = Mapping[str, Callable[[Account], Any]]

_HELD: Final = {"states": {"app/a.json": b"{}", "app/b.zip": b"PK"}}


def _store(account: Account, **settings: Any) -> S3Store:
    return S3Store(account, "states", EAST, **settings)


def _seen(account: Account) -> S3Store:
    """A store that has read an object with a version."""
    store = _store(account)
    store.get("app/a.json")
    return store


def _gone() -> StateError:
    return StateError("the owner's own words", todo="make it")


def _etag(account: Account, key: str) -> str:
    return str(Account(account.objects)("s3", EAST).head_object(Bucket="states", Key=key)["ETag"])


STORE: Final[Works] = {
    "get": lambda account: _store(account).get("app/a.json"),
    "get nothing": lambda account: _store(account).get("app/none"),
    "get, told by the owner": lambda account: _store(account, absent=_gone).get("app/a.json"),
    "get_version": lambda account: _store(account).get_version("app/a.json", "v1"),
    "digest": lambda account: _store(account).digest("app/b.zip"),
    "digest of nothing": lambda account: _store(account).digest("app/none"),
    "put": lambda account: _store(account).put("app/new.json", b"{}"),
    "put a package, encrypted": lambda account: _store(account, encryption="AES256").put("app/new.zip", b"PK"),
    "put, packed": lambda account: _store(account, packing=Packing(sst=True)).put("app/new.json", b"{}"),
    "put, basic": lambda account: _store(account, basic=True).put("app/new.zip", b"PK"),
    "put where versions were seen": lambda account: _seen(account).put("app/new.json", b"{}"),
    "put new": lambda account: _store(account).put("app/new.json", b"{}", if_none_match=True),
    "put new over another": lambda account: _store(account).put("app/a.json", b"{1}", if_none_match=True),
    "put over": lambda account: _store(account).put("app/a.json", b"[]", if_match=_etag(account, "app/a.json")),
    "put over what has changed": lambda account: _store(account).put("app/a.json", b"[]", if_match='"other"'),
    "put over what is gone": lambda account: _store(account).put("app/none", b"[]", if_match='"other"'),
    "delete": lambda account: _store(account).delete("app/a.json"),
    "delete what was read": lambda account: _store(account).delete("app/a.json", if_match=_etag(account, "app/a.json")),
    "delete what was read, basic": lambda account: _store(account, basic=True).delete(
        "app/a.json", if_match=_etag(account, "app/a.json")
    ),
    "delete what has changed, basic": lambda account: _store(account, basic=True).delete("app/a.json", if_match="x"),
    "delete what is gone, basic": lambda account: _store(account, basic=True).delete("app/none", if_match="x"),
    "delete all": lambda account: _store(account).delete_all(["app/a.json", "app/b.zip"]),
    "delete all of a thousand and one": lambda account: _store(account).delete_all(["k"] * 1001),
    "delete all, basic": lambda account: _store(account, basic=True).delete_all(["app/a.json", "app/b.zip"]),
    "delete none": lambda account: _store(account).delete_all([]),
    "list": lambda account: _store(account).list("app/"),
    "versions": lambda account: _store(account).versions("app/"),
    "delete_version": lambda account: _store(account).delete_version("app/a.json", "v1"),
}
BUCKETS: Final[Works] = {
    "exists": lambda account: Buckets(account, EAST).exists("states"),
    "exists not": lambda account: Buckets(account, EAST).exists("none"),
    "create": lambda account: Buckets(account, EAST).create("new"),
    "create elsewhere": lambda account: Buckets(account, "eu-west-1").create("new"),
    "region": lambda account: Buckets(account, EAST).region_of("states"),
    "versioning": lambda account: Buckets(account, EAST).versioning("states"),
    "keep versions": lambda account: Buckets(account, EAST).keep_versions("states"),
    "named": lambda account: Buckets(account, EAST).named("sta"),
    "named otherwise": lambda account: Buckets(account, EAST).named("other"),
    "may hold": lambda account: Buckets(account, EAST).may_hold_anything("states"),
    "delete versions": lambda account: Buckets(account, EAST).delete_versions("states", VERSIONS),
    "delete one version": lambda account: Buckets(account, EAST).delete_versions("states", VERSIONS[:1]),
    "delete": lambda account: Buckets(account, EAST).delete("states"),
    "delete nothing": lambda account: Buckets(account, EAST).delete("none"),
    "parameter": lambda account: Parameters(account, EAST).get("/there"),
    "no parameter": lambda account: Parameters(account, EAST).get("/none"),
    "create parameter": lambda account: Parameters(account, EAST).create("/new", "x", secret=True, description="why"),
    "create parameter again": lambda account: Parameters(account, EAST).create("/there", "x"),
    "replace parameter": lambda account: Parameters(account, EAST).replace("/there", "x"),
    "delete parameter": lambda account: Parameters(account, EAST).delete("/there"),
    "delete no parameter": lambda account: Parameters(account, EAST).delete("/none"),
}


def _pointed(account: Account) -> PointedBucket:
    return PointedBucket(account, STATE_POINTER, lambda: NOW)


POINTED: Final[Works] = {
    "target": lambda account: _pointed(account).target(),
    "find": lambda account: _pointed(account).find(),
    "unmade": lambda account: _pointed(account).unmade(),
    "make": lambda account: _pointed(account).make(),
    "recheck": lambda account: _pointed(account).recheck(),
    "text": lambda account: _pointed(account).text(),
    "forget": lambda account: _pointed(account).forget(),
    "begin": lambda account: _pointed(account).begin("serverless-framework-state-new", EAST),
    "begin with the same": lambda account: _pointed(account).begin("serverless-framework-state-1", EAST),
    "confirm": lambda account: _pointed(account).confirm("serverless-framework-state-new", EAST),
    "point": lambda account: _pointed(account).point("serverless-framework-state-new", EAST, reset="ana@laptop"),
    "orphans": lambda account: _pointed(account).orphans(),
    "parts": lambda account: _bootstrap(account).parts(),
    "tenants": lambda account: _bootstrap(account).tenants(),
    "buckets": lambda account: [(bucket.role, bucket.name, bucket.region) for bucket in _bootstrap(account).buckets()],
    "candidates": lambda account: [_bootstrap(account).candidates(role) for role in ("states", "packages")],
    "pointers": lambda account: _bootstrap(account).pointers(),
    "close": lambda account: _bootstrap(account).close("ana@laptop"),
    "forget all": lambda account: _bootstrap(account).forget(),
    "make rest": lambda account: _bootstrap(account).make_rest(),
    "make bucket": lambda account: _bootstrap(account).make(_bootstrap(account).open("states", "new", EAST)),
    "own bucket": lambda account: OwnBucketParts(account, CustomBucket("states", EAST)).parts(),
    "own bucket's tenants": lambda account: OwnBucketParts(account, CustomBucket("states", EAST)).tenants(),
    "own bucket unmade": lambda account: CustomBucket("states", EAST).opened(account).unmade(),
    "own bucket elsewhere": lambda account: CustomBucket("none", EAST).opened(account).unmade(),
}


def _bootstrap(account: Account) -> ServerlessBootstrap:
    return ServerlessBootstrap(account, "eu-west-1", lambda: NOW)


def _sst(account: Account) -> SstBootstrap:
    return SstBootstrap(account, lambda: "eu-west-1")


SST: Final[Works] = {
    "pointer": lambda account: _sst(account).pointer(),
    "find": lambda account: _sst(account).find(),
    "make": lambda account: _sst(account).make(),
    "find assets": lambda account: _sst(account).find_assets(),
    "make assets": lambda account: _sst(account).make_assets(),
    "orphans": lambda account: _sst(account).orphans(),
    "point": lambda account: _sst(account).point("sst-state-new"),
    "create": lambda account: _sst(account).create(),
    "repository": lambda account: _sst(account).has_repository(),
    "encrypted transport": lambda account: _sst(account).only_encrypted_transport("sst-state-abc"),
    "parts": lambda account: SstParts(account).parts(),
    "tenants": lambda account: SstParts(account).tenants(),
    "buckets": lambda account: [(bucket.role, bucket.name, bucket.region) for bucket in SstParts(account).buckets()],
    "candidates": lambda account: [SstParts(account).candidates(role) for role in ("states", "packages")],
    "pointers": lambda account: SstParts(account).pointers(),
    "close": lambda account: SstParts(account).close("ana@laptop"),
    "forget": lambda account: SstParts(account).forget(),
    "make rest": lambda account: SstParts(account).make_rest(),
    "make bucket": lambda account: SstParts(account).make(SstParts(account).open("states", "sst-state-new", EAST)),
}
_SERVERLESS: Final = {"serverless-framework-state-1": {"svc/dev/state.json": b"{}"}, **_HELD}
_SST_HELD: Final = {"sst-state-abc": {"app/shop/dev.json": b"{}"}, "sst-asset-abc": {"k": b"PK"}, "sst-state-x": {}}
_SST_BODY: Final = '{"version":5,"asset":"sst-asset-abc","state":"sst-state-abc","more":"kept"}'
# Part → what is done, and the accounts in which it is done.
PARTS: Final[Mapping[str, tuple[Works, Mapping[str, Mapping[str, Any]]]]] = {
    "store": (
        STORE,
        {"": {"objects": _HELD}, "no bucket": {}, "suspended": {"objects": _HELD, "versioning": "Suspended"}},
    ),
    "buckets": (BUCKETS, {"": {"objects": _HELD, "parameters": {"/there": "value"}}}),
    "pointed": (
        POINTED,
        {
            "": {
                "objects": _SERVERLESS,
                "parameters": {STATE_POINTER.parameter: pointer_text("serverless-framework-state-1", EAST)},
            },
            "nothing yet": {},
            "orphans": {"objects": _SERVERLESS},
            "in a reset": {
                "objects": _SERVERLESS,
                "parameters": {STATE_POINTER.parameter: pointer_text("serverless-framework-state-1", EAST, "ben@desk")},
            },
            "bucket gone": {"parameters": {STATE_POINTER.parameter: pointer_text("gone", EAST)}},
            "suspended": {
                "objects": _SERVERLESS,
                "parameters": {STATE_POINTER.parameter: pointer_text("serverless-framework-state-1", EAST)},
                "versioning": "Suspended",
            },
            "unreadable": {"objects": _SERVERLESS, "parameters": {STATE_POINTER.parameter: "{"}},
        },
    ),
    "sst": (
        SST,
        {
            "": {"objects": _SST_HELD, "parameters": {POINTER: _SST_BODY}},
            "nothing yet": {},
            "orphans": {"objects": _SST_HELD},
            "bucket gone": {"parameters": {POINTER: _SST_BODY}},
            "unreadable": {"objects": _SST_HELD, "parameters": {POINTER: "{"}},
            "older": {"objects": _SST_HELD, "parameters": {POINTER: '{"version":1,"state":"sst-state-abc"}'}},
        },
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_exchanged(part: str, request: pytest.FixtureRequest) -> None:
    works, accounts = PARTS[part]
    cases = [(name, work, where, held) for where, held in accounts.items() for name, work in works.items()]
    lines = (line for name, work, where, held in cases for line in _told(work, name, where, held))
    told = _neutral("\n".join(lines)) + "\n"
    path = AGREED / f"{part}.txt"
    if request.config.getoption("--snapshot-update"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


def _told(work: Callable[[Account], Any], name: str, where: str, held: Mapping[str, Any]) -> Iterator[str]:
    account = Account(**held)
    ended = outcome(lambda: work(account))
    yield from ("", f"## {name}{f', {where}' if where else ''}", *(f"> {call}" for call in account.calls), ended)
    for number in range(0 if where else min(len(account.calls), 6)):
        outcomes: dict[str, list[str]] = {}
        for code in CODES:
            failing = Account(**held, refusing=(number, code))
            failed = _neutral(outcome(functools.partial(work, failing))).replace(code, "CODE")
            after = [call.split(" {")[0].split()[-1] for call in failing.calls[number + 1 :]]
            outcomes.setdefault(f"{' '.join(after)} {failed}", []).append(code)
        for failed, codes in outcomes.items():
            yield f"{number} fails ({', '.join(codes)}): {failed}"


def _neutral(text: str) -> str:
    """Replace what is drawn anew, and where objects lie in memory."""
    text = re.sub(r"<stateroom\.[\w.]+\.(\w+) object at 0x\w+>", r"\1", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b", "UUID", text)
    return re.sub(r"sst-(asset|state)-[a-z]{12}\b", r"sst-\1-DRAWN", text)
