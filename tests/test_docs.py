"""The generated pages say what the program does today."""

from __future__ import annotations

import importlib.util
import re
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
@pytest.mark.parametrize("page", ["commands.md", "keys.md", "configuration.md", "plugins.md"])
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


def test_every_promise_of_the_readme_names_the_tests_that_hold_it() -> None:
    root = DOCS.parent
    _, _, rest = (root / "README.md").read_text().partition("## What it promises\n\n")
    promised = re.sub(r"\s+", " ", rest.partition("\n## ")[0].partition("\n\n")[2])
    left = promised.replace("- **", "**").replace("**: ", "** ")
    rows = re.findall(r"^\| (.*) \| (`.*`) \|$", (DOCS / "promises.md").read_text(), re.MULTILINE)
    for promise, tests in rows:
        assert promise in left, f"not in the README: {promise}"
        left = left.replace(promise, "", 1)
        for name in re.findall(r"`([^`]+)`", tests):
            path, _, function = name.partition("::")
            source = (root / "tests" / path).read_text()
            assert not function or re.search(rf"^(async )?def {function}\(", source, re.MULTILINE), name
    assert not left.strip(), f"no test is named for: {left.strip()}"
