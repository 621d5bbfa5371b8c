"""The generated pages say what the program does today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stateroom.config.document import keys
from stateroom.config.document.key_types import IGNORED

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse lays out help differently in other versions")
@pytest.mark.parametrize("page", ["commands.md", "keys.md", "configuration.md"])
def test_generated_pages_are_current(page: str, generator: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "96")
    assert (DOCS / page).read_text() == generator.PAGES[page](), "run: python docs/generate.py"


def test_a_key_that_does_nothing_is_listed_and_the_others_are_read_somewhere(generator: ModuleType) -> None:
    config = DOCS.parent / "tui" / "stateroom" / "config"
    files = (path for path in config.rglob("*.py") if path.name != "keys.py")
    code = "".join(path.read_text() for path in files)
    for path, shapes, _ in generator.BLOCKS:
        unused = keys.UNUSED.get(path, frozenset())
        assert unused <= set(shapes), path
        if "Resources" not in path:
            promised = {key for key, kind in shapes.items() if kind != IGNORED}
            assert {key for key in promised if f'"{key}"' not in code} <= unused, path
    assert set(keys.UNUSED) <= {path for path, _, _ in generator.BLOCKS}
