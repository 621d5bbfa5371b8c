"""Deployment packages are kept by their content, so that a past version can be deployed again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stateroom.errors import StateError
from tests.state.builders import home_in


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
    (tmp_path / f".stateroom/asset/{name}.zip").write_bytes(b"PK bad")
    with pytest.raises(StateError, match="SHA-256"):
        home.artifact(name)
    with pytest.raises(StateError, match="is not kept"):
        home.artifact("0" * 64)
