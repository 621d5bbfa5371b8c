"""Valid projects with something deleted, retyped, repeated, moved or wrapped compile or are refused."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.config.document.document import parse
from tests.config.test_fuzz import QUICK, VALUES, compile_in

PROJECTS = Path(__file__).parent.parent / "oracle" / "projects"
NAMES = sorted(path.parent.name for path in PROJECTS.glob("*/serverless.yml"))
# How something is changed, where (counted through the document), and a value for those who need one.
CHANGE = st.tuples(
    st.sampled_from(["delete", "retype", "repeat", "move", "wrap in a list", "wrap in a map"]),
    st.integers(0, 10**6),
    VALUES,
)


@cache
def document(name: str) -> Any:
    path = PROJECTS / name / "serverless.yml"
    return parse(path.read_text(), path).value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key or index) of every value inside."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in pairs:
        yield value, key
        yield from places(item)


def change(whole: Any, how: str, where: int, value: Any) -> None:
    """Change the document in place, if anything is left to change."""
    found = list(places(whole))
    if not found:
        return
    container, key = found[where % len(found)]
    if how == "delete":
        del container[key]
    elif how == "retype":
        container[key] = value
    elif how == "repeat" and isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    elif how == "repeat":
        container[f"{key}2"] = copy.deepcopy(container[key])
    elif how == "move":
        other, name = found[where // 7 % len(found)]
        container[key] = copy.deepcopy(other[name])
    else:
        container[key] = [container[key]] if how == "wrap in a list" else {str(value): container[key]}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mutations")
    shutil.copytree(PROJECTS, root, dirs_exist_ok=True)
    return root


@QUICK
@given(st.sampled_from(NAMES), st.lists(CHANGE, min_size=1, max_size=4))
def test_a_changed_project_compiles_or_is_refused(
    workplace: Path, name: str, changes: list[tuple[str, int, Any]]
) -> None:
    whole = copy.deepcopy(document(name))
    for how, where, value in changes:
        change(whole, how, where, value)
    compile_in(str(workplace / name), json.dumps(whole, ensure_ascii=True))
