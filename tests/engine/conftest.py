"""Fixtures that several tests of the engine share."""

from __future__ import annotations

import pytest

from tests.engine.power import Mains, PoweredCloud, PoweredStore


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> Mains:
    supply = Mains()
    monkeypatch.setattr(PoweredStore, "mains", supply)
    monkeypatch.setattr(PoweredCloud, "mains", supply)
    monkeypatch.setattr("stateroom.state.homes.local.DirectoryStore", PoweredStore)
    return supply
