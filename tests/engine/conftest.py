"""Fixtures that several tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.chronicle import Chronicle
from tests.engine.lab import Lab, one_service
from tests.engine.power import Mains, PoweredCloud, PoweredStore

AGREED = Path(__file__).with_name("__snapshots__") / "chronicles"


@pytest.fixture
def chronicle(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chronicle]:
    """A lab of one thread whose story is compared when the test is over."""
    kept = Chronicle(Lab(tmp_path, one_service(), threads=1, max_concurrency=1))
    yield kept
    path = AGREED / f"{request.node.name.removeprefix('test_')}.txt"
    told = "\n".join(kept.lines).replace(str(tmp_path), "DIRECTORY") + "\n"
    if request.config.getoption("--snapshot-update"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> Mains:
    supply = Mains()
    monkeypatch.setattr(PoweredStore, "mains", supply)
    monkeypatch.setattr(PoweredCloud, "mains", supply)
    monkeypatch.setattr("stateroom.state.homes.local.DirectoryStore", PoweredStore)
    return supply
