"""Accounts with a home in them that has been lived in, one for each kind of home that can be reset, all in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from stateroom.engine.reset.runner import Reset
from stateroom.engine.reset.steps import Phase, ResetProgress, ResetStep
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.homes.bootstrap import Bootstrap
from stateroom.state.homes.cloudflare import CloudflareNames, cloudflare_home, open_api
from stateroom.state.homes.cloudflare_bootstrap import CloudflareParts
from stateroom.state.homes.serverless import ServerlessNames, serverless_home
from stateroom.state.homes.serverless_bootstrap import ServerlessBootstrap
from stateroom.state.homes.sst import SstBootstrap, sst_home
from stateroom.state.homes.sst_bootstrap import SstParts
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.aws import AwsClients
from tests.engine.homes import tomorrow
from tests.state.builders import deploy, home_in, queue, snapshot
from tests.state.cloudflare_api import BUCKET, TOKEN, Api
from tests.support import moto_memory
from tests.support.emulators import REGION

CLIENTS = AwsClients(region=REGION)  # made once: making clients takes longer than all that is done with them
DELETED = b"deleted"
HOLDER = Holder("ana", "laptop", 4242, "stateroom")


def now() -> datetime:
    return datetime.now(UTC)


def phrase() -> PassphraseSource:
    return PassphraseSource("correct horse", environment={}, keyring=None)


class Site(Protocol):
    """An account with a home."""

    def home(self) -> Home:
        """The home, opened."""

    def bootstrap(self) -> Bootstrap:
        """Its bootstrap."""

    def buckets(self) -> dict[str, dict[str, list[bytes]]]:
        """By role, every object: what is current, or DELETED, then all versions. Unnamed buckets go by their names."""

    def settle(self) -> None:
        """Take away what only the emulator minds."""

    def remember(self) -> Callable[[], None]:
        """Remember the account as it is; calling the answer brings it back."""


class AwsSite:
    """What both homes at AWS have in common."""

    clients: AwsClients

    def named(self) -> Mapping[str, str]:
        """Buckets by name, with their roles."""
        raise AssertionError

    def settle(self) -> None:
        """Nothing."""

    def remember(self) -> Callable[[], None]:
        return moto_memory.remember()

    def buckets(self) -> dict[str, dict[str, list[bytes]]]:
        names, found = self.named(), {}
        for bucket in CLIENTS("s3", REGION).list_buckets()["Buckets"]:
            found[names.get(bucket["Name"], bucket["Name"])] = _versions(bucket["Name"])
        return found


class SstSite(AwsSite):
    def __init__(self, directory: Path) -> None:
        self.clients = CLIENTS
        SstBootstrap(self.clients, lambda: REGION).create()
        self.settle()
        fill(self.home(), ObjectNames("orders", "dev").state, directory)

    def home(self) -> Home:
        return sst_home(self.clients, phrase(), holder=HOLDER, clock=now, region=lambda: REGION)

    def bootstrap(self) -> Bootstrap:
        return SstParts(self.clients)

    def pointer(self) -> dict[str, Any]:
        value = CLIENTS("ssm", REGION).get_parameter(Name="/sst/bootstrap")["Parameter"]["Value"]
        body: dict[str, Any] = json.loads(value)
        return body

    def named(self) -> Mapping[str, str]:
        body = self.pointer()
        return {body["state"]: "states", body["asset"]: "packages"}

    def settle(self) -> None:
        """moto takes SST's policy to forbid everything, not only calls without TLS."""
        for bucket in CLIENTS("s3", REGION).list_buckets()["Buckets"]:
            CLIENTS("s3", REGION).delete_bucket_policy(Bucket=bucket["Name"])


class ServerlessSite(AwsSite):
    def __init__(self, directory: Path) -> None:
        self.clients = CLIENTS
        fill(self.home(now), ServerlessNames("orders", "dev").state, directory)

    def home(self, clock: Callable[[], datetime] = tomorrow) -> Home:
        return serverless_home(self.clients, phrase(), holder=HOLDER, clock=clock, packages_region=lambda: REGION)

    def bootstrap(self) -> Bootstrap:
        return ServerlessBootstrap(self.clients, REGION, tomorrow)

    def named(self) -> Mapping[str, str]:
        return {bucket.name: bucket.role for bucket in self.bootstrap().buckets()}


class CloudflareSite:
    def __init__(self, directory: Path, api: Api) -> None:
        self.api = api
        api.buckets.clear()
        api.buckets[BUCKET] = {}
        self.environment = {"CLOUDFLARE_API_TOKEN": TOKEN}
        fill(self.home(), CloudflareNames("orders", "dev").state, directory)

    def home(self) -> Home:
        return cloudflare_home(
            self.environment, phrase(), holder=HOLDER, clock=now, url=self.api.url, sleep=lambda _: None
        )

    def bootstrap(self) -> Bootstrap:
        return CloudflareParts(open_api(self.environment, self.api.url, lambda _: None), now, HOLDER)

    def settle(self) -> None:
        """Nothing."""

    def remember(self) -> Callable[[], None]:
        kept = {name: dict(objects) for name, objects in self.api.buckets.items()}

        def bring_back() -> None:
            self.api.buckets = {name: dict(objects) for name, objects in kept.items()}

        return bring_back

    def buckets(self) -> dict[str, dict[str, list[bytes]]]:
        return {"states": {key: [data] for key, data in self.api.buckets[BUCKET].items()}}


def fill(home: Home, key: str, directory: Path) -> None:
    """A state, and a package: as little as there can be, because a reset is cut off at every call about it."""
    deploy(home_in(directory), snapshot(queue(), queue("Second"), Url="https://x"))
    home.documents.store.put(key, (directory / ".stateroom" / "app" / "orders" / "dev.json").read_bytes())
    package = directory / "package.zip"
    package.write_bytes(b"a zip")
    home.packages.put(hashlib.sha256(b"a zip").hexdigest(), package)


def _versions(bucket: str) -> dict[str, list[bytes]]:
    """Versions of the same millisecond are listed in any order by the emulator; what it gives out as current is."""
    s3 = CLIENTS("s3", REGION)
    found: dict[str, list[bytes]] = {}
    for item in s3.list_object_versions(Bucket=bucket).get("Versions", ()):
        body = s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])["Body"].read()
        found.setdefault(item["Key"], [DELETED]).append(body)
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        found[item["Key"]][0] = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
    return found


def reset_of(site: Site, directory: Path, tell: Callable[[ResetProgress], None] = lambda _: None) -> Reset:
    return Reset(site.bootstrap(), directory, tell, now, "ana@laptop")


def run(reset: Reset) -> None:
    reset.inventory()
    reset.back_up()
    reset.replace()


def newest(buckets: dict[str, dict[str, list[bytes]]]) -> dict[str, dict[str, bytes]]:
    return {role: {key: versions[0] for key, versions in found.items()} for role, found in buckets.items()}


def every(buckets: dict[str, dict[str, list[bytes]]]) -> dict[str, dict[str, set[bytes]]]:
    return {role: {key: set(versions) for key, versions in found.items()} for role, found in buckets.items()}


def acting(moment: tuple[ResetStep, Phase], act: Callable[[], object]) -> Callable[[ResetProgress], None]:
    """Somebody who acts as a step begins or ends."""

    def tell(progress: ResetProgress) -> None:
        if (progress.stage.step, progress.stage.phase) == moment and not progress.text and not progress.total:
            act()

    return tell
