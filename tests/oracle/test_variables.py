"""Variables come to what the framework makes of them, and what it refuses is refused. Opt-in: STATEROOM_ORACLE=1."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from stateroom.config.compile_options import CompileOptions
from stateroom.config.project import open_project
from stateroom.config.service import load_service
from stateroom.errors import ConfigError
from tests.oracle import expressions, further
from tests.oracle.expressions import ENVIRONMENT
from tests.oracle.peer import Peer, available, install

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),
]
VALUES = [*expressions.VALUES, *further.VALUES]
REFUSED = [*expressions.REFUSED, *further.REFUSED]
TEMPLATE = Path(__file__).parent / "variables"


def project(root: Path, expressions: Mapping[str, str]) -> Path:
    """A project with expressions below custom.it, and without what is there only to be refused."""
    shutil.copytree(TEMPLATE, root, dirs_exist_ok=True)
    text = (TEMPLATE / "serverless.yml").read_text()
    document = yaml.load(text, yaml.BaseLoader)
    for name in {"loop", "loop2", "itself", "missing"} & document["custom"].keys():
        if not any(f"custom.{name}" in expression for expression in expressions.values()):
            text = "\n".join(line for line in text.splitlines() if not line.startswith(f"  {name}:")) + "\n"
    lines = [f"    {name}: {json.dumps(expression, ensure_ascii=False)}" for name, expression in expressions.items()]
    (root / "serverless.yml").write_text("\n".join([text.rstrip("\n"), "  it:", *lines]) + "\n")
    return root


def ours(root: Path) -> Any:
    """What we make of the project's expressions. Raises ConfigError."""
    opened = open_project(root, options={}, environment=ENVIRONMENT)
    (entry,) = opened.services.values()
    settings = CompileOptions(None, None, {}, ENVIRONMENT, {}, root / "build")
    return load_service(entry, settings).config["custom"]["it"]


def theirs(peer: Peer, root: Path) -> Any:
    """What the framework makes of them; None when it refuses."""
    here = peer.root / "variables" / root.name
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(root, here)
    done = peer.run(here, "print", "--format", "json", more=ENVIRONMENT)
    return json.loads(done.stdout)["custom"]["it"] if done.returncode == 0 else None


def test_values(tmp_path: Path) -> None:
    named = {f"e{index}": expression for index, expression in enumerate(VALUES)}
    root = project(tmp_path / "values", named)
    found, wanted = ours(root), theirs(install(), root)
    assert wanted is not None
    different = {
        expression: (found.get(name), wanted.get(name))
        for name, expression in named.items()
        if (found.get(name), type(found.get(name))) != (wanted.get(name), type(wanted.get(name)))
    }
    assert different == {}


def test_refusals(tmp_path: Path) -> None:
    peer = install()
    roots = {
        expression: project(tmp_path / f"refused{index}", {"e": expression}) for index, expression in enumerate(REFUSED)
    }
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(roots, pool.map(lambda root: theirs(peer, root), roots.values()), strict=True))
    assert {expression: answer for expression, answer in answers.items() if answer is not None} == {}
    for root in roots.values():
        with pytest.raises(ConfigError):
            ours(root)
