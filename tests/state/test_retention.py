"""Old versions go, and never a package that anything which stays still needs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stateroom.errors import StateError
from stateroom.model.resource import Snapshot
from stateroom.state.home import Home
from stateroom.state.homes.sst import sst_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.tools import retention
from tests.engine.homes import home_at
from tests.state.buckets import bucket_in, clients_for
from tests.state.builders import ANA, deploy, function, home_in, intent, snapshot
from tests.support.emulators import Emulator


def package(home: Home, directory: Path, text: str) -> str:
    path = directory / "package.zip"
    path.write_bytes(text.encode())
    sha = hashlib.sha256(text.encode()).hexdigest()
    home.packages.put(sha, path)
    return sha


def home_of(kind: str, moto: Emulator, directory: Path) -> Home:
    """A home with a store of its own for packages: a directory, the deployment bucket, SST's asset bucket."""
    if kind == "directory":
        return home_in(directory)
    if kind == "serverless":
        return home_at(moto.endpoint_url, lambda: datetime.now(UTC))
    for name in ("sst-state-x", "sst-asset-x"):
        bucket_in(moto, name, "eu-west-1", versioned=name == "sst-state-x")
    body = json.dumps({"version": 5, "state": "sst-state-x", "asset": "sst-asset-x"})
    moto.client("ssm", region="eu-west-1").put_parameter(Name="/sst/bootstrap", Value=body, Type="String")
    passphrase = PassphraseSource("correct horse", environment={}, keyring=None)
    clients = clients_for(moto.endpoint_url)
    return sst_home(clients, passphrase, holder=ANA, clock=lambda: datetime.now(UTC))


def with_code(sha: str) -> Snapshot:
    return snapshot(function("Fn", Code={"ArtifactSha256": sha}))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path)


def deployed(home: Home, directory: Path, *codes: str) -> list[str]:
    """One version for each code; their hashes."""
    etag, shas = None, []
    for code in codes:
        shas.append(package(home, directory, code))
        etag = deploy(home, with_code(shas[-1]), etag).etag
    return shas


def test_versions_and_their_packages_go_and_what_is_needed_stays(home: Home, tmp_path: Path) -> None:
    old, again, _, current = deployed(home, tmp_path, "old", "again", "again", "current")
    found = retention.plan(home, "orders", "dev", keep=2)
    assert [version.number for version in found.versions] == [2, 1]
    assert (found.packages, found.kept) == ((old,), (again,))
    assert home.packages.has(old), "a plan deletes nothing"
    retention.apply(home, found)
    assert [version.number for version in home.versions("orders", "dev")] == [4, 3]
    assert [home.packages.has(sha) for sha in (old, again, current)] == [False, True, True]
    assert home.load_version("orders", "dev", 3).records


def test_what_another_service_needs_stays(home: Home, tmp_path: Path) -> None:
    shared, _ = deployed(home, tmp_path, "shared", "mine")
    deploy(home, replace(with_code(shared), service="billing"))
    assert retention.plan(home, "orders", "dev", keep=1).packages == ()


def test_what_a_running_operation_has_written_down_stays(home: Home, tmp_path: Path) -> None:
    old, _ = deployed(home, tmp_path, "old", "new")
    journal = home.journal(home.begin("billing", "dev", "deploy"), None)
    journal.intend([replace(intent(), inputs={"Code": {"ArtifactSha256": old}})])
    journal.close()
    assert retention.plan(home, "orders", "dev", keep=1).kept == (old,)


def test_code_that_is_deployed_again_before_it_is_deleted_stays(home: Home, tmp_path: Path) -> None:
    old, _ = deployed(home, tmp_path, "old", "new")
    found = retention.plan(home, "orders", "dev", keep=1)
    deploy(home, replace(with_code(old), service="billing"))
    retention.apply(home, found)
    assert home.packages.has(old)


def test_in_a_bucket_what_it_kept_needs_its_code_until_that_goes_too(moto: Emulator, tmp_path: Path) -> None:
    home = home_at(moto.endpoint_url, lambda: datetime.now(UTC))
    one, two, three = deployed(home, tmp_path, "one", "two", "three")
    found = retention.plan(home, "orders", "dev", keep=2)
    assert ([version.number for version in found.versions], found.packages, found.kept) == ([1], (), (one,))
    assert found.held
    retention.apply(home, found)
    newest_first = home.histories.history("orders", "dev").versions
    assert [version.number for version in newest_first] == [3, 2, 0]
    unrecorded = home.load_version("orders", "dev", newest_first[-1].name)
    assert home.artifact(str(unrecorded.records[0].inputs["Code"]["ArtifactSha256"])) == b"one"

    rest = retention.plan(home, "orders", "dev", keep=2, object_versions=True)
    assert rest.packages == (one,)
    retention.apply(home, rest)
    assert [version.number for version in home.histories.history("orders", "dev").versions] == [3, 2]
    assert [home.packages.has(sha) for sha in (one, two, three)] == [False, True, True]
    assert home.load_version("orders", "dev", 2).records


@pytest.mark.parametrize("kind", ["directory", "serverless", "sst"])
@pytest.mark.parametrize("object_versions", [False, True])
def test_whatever_version_is_kept_its_code_is_there(
    kind: str, object_versions: bool, moto: Emulator, tmp_path: Path
) -> None:
    home = home_of(kind, moto, tmp_path)
    deployed(home, tmp_path, "one", "two", "three")
    retention.apply(home, retention.plan(home, "orders", "dev", 2, object_versions=object_versions))
    kept = home.histories.history("orders", "dev").versions
    assert {version.number for version in kept} >= {2, 3}
    for version in kept:
        (record,) = home.load_version("orders", "dev", version.name).records
        code = home.artifact(str(record.inputs["Code"]["ArtifactSha256"])).decode()
        assert code == {3: "three", 2: "two"}.get(version.number, "one")


def test_the_last_version_cannot_go(home: Home, tmp_path: Path) -> None:
    deployed(home, tmp_path, "only")
    with pytest.raises(StateError, match="at least one"):
        retention.plan(home, "orders", "dev", keep=0)
    assert retention.plan(home, "orders", "dev", keep=5).versions == ()


def test_numbers_are_not_used_again(home: Home, tmp_path: Path) -> None:
    deployed(home, tmp_path, "one", "two", "three")
    retention.apply(home, retention.plan(home, "orders", "dev", keep=1))
    stored = home.load("orders", "dev")
    assert stored is not None
    assert deploy(home, stored.snapshot, stored.etag).number == 4
