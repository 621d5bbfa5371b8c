from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root = tmp_path / "project"
    root.mkdir()
    return Bench(root)
