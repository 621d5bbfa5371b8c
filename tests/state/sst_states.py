"""States such as SST writes them: a stack, a provider, components with what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.integrity import magic_of

APP, STAGE = "ledger", "qa"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:{STAGE}::{APP}::{type_}::{name}"


STACK = {"urn": urn("pulumi:pulumi:Stack", "ledger-qa"), "custom": False, "type": "pulumi:pulumi:Stack"}
PROVIDER: dict[str, Any] = {
    "urn": urn("pulumi:providers:aws", "default_7_20_0"),
    "custom": True,
    "id": "0a7b1c2d-0000-4000-8000-000000000001",
    "type": "pulumi:providers:aws",
    "inputs": {"region": "eu-west-1"},
    "outputs": {"region": "eu-west-1"},
}
_REFERENCE = f"{PROVIDER['urn']}::{PROVIDER['id']}"


def component(name: str, type_: str = "sst:aws:Bucket") -> dict[str, Any]:
    return {"urn": urn(type_, name), "custom": False, "type": type_, "parent": STACK["urn"], "outputs": {"name": name}}


def _resource(type_: str, name: str, id_: str, chain: str, **fields: Any) -> dict[str, Any]:
    raw = {"urn": urn(f"{chain}{type_}", name), "custom": True, "id": id_, "type": type_, "inputs": {}, "outputs": {}}
    raw |= {"parent": STACK["urn"], "provider": _REFERENCE, "created": "2026-11-20T10:00:00Z"}
    return raw | {"modified": "2026-11-20T10:00:00Z"} | fields


def bucket(name: str, id_: str = "a-bucket", parent: str = "") -> dict[str, Any]:
    chain = "sst:aws:Bucket$" if parent else ""
    fields = {"parent": urn("sst:aws:Bucket", parent)} if parent else {}
    return _resource("aws:s3/bucket:Bucket", name, id_, chain, **fields)


def function(name: str, **fields: Any) -> dict[str, Any]:
    return _resource("aws:lambda/function:Function", name, f"ledger-qa-{name}", "", **fields)


def document(
    *resources: dict[str, Any],
    pending: Sequence[dict[str, Any]] | None = None,
    salt: str = "",
    extra: dict[str, Any] | None = None,
) -> CheckpointDocument:
    """A whole file of these resources."""
    latest: dict[str, Any] = {"manifest": {"time": "2026-11-20T10:00:00Z", "version": "v3.215.0"}}
    latest["manifest"]["magic"] = magic_of("v3.215.0")
    if salt:
        latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": salt}}
    latest |= {"resources": [dict(raw) for raw in resources], "metadata": {}}
    if pending is not None:
        latest["pending_operations"] = list(pending)
    checkpoint = {"stack": f"organization/{APP}/{STAGE}", "latest": latest}
    return CheckpointDocument({"version": 3, **(extra or {}), "checkpoint": checkpoint})


def ledger(*more: dict[str, Any], salt: str = "") -> CheckpointDocument:
    """An app with a bucket component and a function that uses the bucket."""
    inner = bucket("MyBucketBucket", "ledger-qa-bucket", parent="MyBucket")
    worker = function("MyFn", dependencies=[inner["urn"]], propertyDependencies={"environment": [inner["urn"]]})
    return document(STACK, PROVIDER, component("MyBucket"), inner, worker, *more, salt=salt)
