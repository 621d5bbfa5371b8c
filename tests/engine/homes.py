"""A Serverless home in an emulator with something in it, and its bootstrap."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.serverless import serverless_home
from stateroom.state.homes.serverless_bootstrap import ServerlessBootstrap
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.state.buckets import EAST, clients_for
from tests.state.builders import deploy, function, queue, snapshot
from tests.support.emulators import Emulator

POINTER = "/serverless-framework/state/s3-bucket"
PACKAGES = "/serverless-framework/deployment/s3-bucket"
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack_billing-dev_5585bcf1-e9b2-4f6a-9f52-0123456789ab"


def tomorrow() -> datetime:
    """A time at which what was made just now is no longer fresh."""
    return datetime.now(UTC) + timedelta(days=1)


def home_at(endpoint_url: str, clock: Callable[[], datetime] = tomorrow) -> Home:
    return serverless_home(
        clients_for(endpoint_url),
        PassphraseSource("correct horse", environment={}, keyring=None),
        holder=Holder("ana", "laptop", 4242, "stateroom"),
        clock=clock,
        packages_region=lambda: "eu-west-1",
    )


def bootstrap_at(endpoint_url: str, clock: Callable[[], datetime] = tomorrow) -> ServerlessBootstrap:
    return ServerlessBootstrap(clients_for(endpoint_url), "eu-west-1", clock)


def lived_in(emulator: Emulator, directory: Path) -> Home:
    """A home with two versions of a state, a package, and a state of the framework's own with two versions."""
    home = home_at(emulator.endpoint_url, lambda: datetime.now(UTC))
    stored = deploy(home, snapshot(queue(), Url="https://x"))
    deploy(home, snapshot(queue(), function("Fn", "Queue")), stored.etag)
    package = directory / "package.zip"
    package.write_bytes(b"a zip")
    home.packages.put(hashlib.sha256(b"a zip").hexdigest(), package)
    s3 = emulator.client("s3", region=EAST)
    for body in (b'{"outputs":{"Url":"https://old"}}', b'{"outputs":{"Url":"https://new"}}'):
        key = f"services/traditional/{STACK}/state/state.json"
        s3.put_object(Bucket=bucket_of(emulator), Key=key, Body=body, Metadata={"filesha256": "abc"})
    return home


def bucket_of(emulator: Emulator, parameter: str = POINTER, region: str = EAST) -> str:
    value = emulator.client("ssm", region=region).get_parameter(Name=parameter)["Parameter"]["Value"]
    return str(json.loads(value)["bucketName"])


def buckets_in(emulator: Emulator) -> set[str]:
    return {bucket["Name"] for bucket in emulator.client("s3", region=EAST).list_buckets()["Buckets"]}


def wipe(emulator: Emulator, bucket: str, region: str = EAST) -> None:
    """Delete a bucket with all that is in it, as someone does by accident."""
    s3: Any = emulator.client("s3", region=region)
    page = s3.list_object_versions(Bucket=bucket)
    for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=bucket)


def contents(emulator: Emulator, bucket: str, region: str = EAST) -> dict[str, list[bytes | None]]:
    """Every version of every object, the newest first, behind a None if the object is deleted."""
    s3: Any = emulator.client("s3", region=region)
    page = s3.list_object_versions(Bucket=bucket)
    found: dict[str, list[bytes | None]] = {}
    for item in page.get("DeleteMarkers", ()):
        if item["IsLatest"]:
            found[item["Key"]] = [None]
    for item in page.get("Versions", ()):
        body = s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])["Body"].read()
        found.setdefault(item["Key"], []).append(body)
    return found
