"""Deployment packages are kept by their content, so that a past version can be deployed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from stateroom.errors import StateError
from stateroom.state.repository.artifact_store import ArtifactStore
from tests.state.buckets import EAST, bucket_in, store_in
from tests.state.builders import home_in
from tests.support.emulators import Emulator


def test_packages_are_kept_by_what_is_in_them(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK code")
    name = hashlib.sha256(b"PK code").hexdigest()
    home.packages.put(name, package)
    home.packages.put(name, package)
    assert home.packages.has(name)
    assert home.artifact(name) == b"PK code"
    package.write_bytes(b"other code")
    with pytest.raises(StateError, match="is not the deployment package"):
        home.packages.put(hashlib.sha256(b"third").hexdigest(), package)


def test_a_damaged_or_lost_package_is_never_deployed(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK code")
    name = hashlib.sha256(b"PK code").hexdigest()
    home.packages.put(name, package)
    kept = tmp_path / f".stateroom/asset/{name}.zip"
    kept.write_bytes(b"PK bad")
    another = home_in(tmp_path)  # one that has no package of its own
    with pytest.raises(StateError) as damaged:
        another.artifact(name)
    assert "SHA-256" in str(damaged.value)
    with pytest.raises(StateError) as lost:
        another.artifact("0" * 64)
    assert "is not kept" in str(lost.value)
    assert "damaged" in another.packages.problem(name)
    assert "is not kept" in another.packages.problem("0" * 64)
    assert kept.read_bytes() == b"PK bad"


@pytest.mark.parametrize("harm", [lambda kept: kept.write_bytes(b"PK bad"), lambda kept: kept.unlink()])
def test_a_damaged_or_lost_package_of_the_home_is_replaced_by_ours(
    tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    home = home_in(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK code")
    name = hashlib.sha256(b"PK code").hexdigest()
    home.packages.put(name, package)
    kept = tmp_path / f".stateroom/asset/{name}.zip"
    harm(kept)
    assert home.artifact(name) == b"PK code"
    assert kept.read_bytes() == b"PK code"
    assert home.packages.problem(name) == ""
    harm(kept)
    package.write_bytes(b"PK bad as well")
    with pytest.raises(StateError, match="is not the deployment package"):
        home.artifact(name)


def test_a_bucket_tells_whether_a_package_is_whole_without_sending_it(emulator: Emulator, tmp_path: Path) -> None:
    """Written with its SHA-256, which S3 checks and tells; by another's hand, nothing is known but that it is there."""
    bucket_in(emulator, "packages")
    store = store_in(emulator, "packages")
    packages = ArtifactStore(store, lambda: "packages")
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK code")
    name = hashlib.sha256(b"PK code").hexdigest()
    packages.put(name, package)
    assert packages.problem(name) == ""
    assert "is not kept" in packages.problem("0" * 64)
    emulator.client("s3", region=EAST).put_object(
        Bucket="packages", Key=f"asset/{name}.zip", Body=b"PK bad", ChecksumAlgorithm="SHA256"
    )
    assert store.digest(f"asset/{name}.zip") in ("", hashlib.sha256(b"PK bad").hexdigest())
    assert packages.get(name) == b"PK code"
    assert store.get(f"asset/{name}.zip").data == b"PK code"  # type: ignore[union-attr]
