"""Lock files of Poetry, pipenv and uv, and pyproject.toml, as requirements: exact, with hashes, without their tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stateroom.config.compilation import Compilation
from stateroom.config.packaging.locks.reach import any_marker, reachable
from stateroom.config.packaging.requirement_sources import Required, RequirementSources
from stateroom.config.service import load_service
from stateroom.errors import ConfigError
from tests.config.bench import FUNCTION, Bench
from tests.config.test_python_requirements import HEAD, names, shop  # noqa: F401 - a fixture

H = "sha256:" + "0" * 64
POETRY = """
[build-system]
requires = ["poetry-core>=1"]
[tool.poetry]
name = "shop"
[[tool.poetry.source]]
name = "ours"
url = "http://127.0.0.1/simple"
[tool.poetry.dependencies]
python = "^3.9"
soap = {version = "^1", extras = ["hot"]}
old = {version = "*", python = "<3.9"}
[tool.poetry.group.dev.dependencies]
brush = "*"
"""
POETRY_1 = f"""
[[package]]
name = "soap"
version = "1.0"
optional = false
files = [{{file = "soap.whl", hash = "{H}"}}]
[package.dependencies]
Bubble = {{version = "*", markers = "sys_platform == 'win32'"}}
steam = {{version = "*", optional = true}}
[package.extras]
hot = ["steam (>=1)"]
[[package]]
name = "bubble"
version = "2.0"
files = [{{file = "b.whl", hash = "{H}"}}]
[[package]]
name = "steam"
version = "3.0"
files = [{{file = "s.whl", hash = "{H}"}}]
[[package]]
name = "old"
version = "0.1"
files = [{{file = "o.whl", hash = "{H}"}}]
[[package]]
name = "brush"
version = "4.0"
files = [{{file = "r.whl", hash = "{H}"}}]
"""
POETRY_2 = f"""
[[package]]
name = "soap"
version = "1.0"
groups = ["main", "dev"]
markers = {{main = "sys_platform == 'linux'", dev = "python_version > '3.9'"}}
files = [{{file = "soap.whl", hash = "{H}"}}]
[[package]]
name = "brush"
version = "4.0"
groups = ["dev"]
files = [{{file = "r.whl", hash = "{H}"}}]
[[package]]
name = "rare"
version = "1"
groups = ["main"]
optional = true
files = []
"""
PIPFILE: dict[str, Any] = {
    "_meta": {"sources": [{"name": "pypi", "url": "http://index"}, {"name": "ours", "url": "http://127.0.0.1/simple"}]},
    "default": {
        "soap": {"version": "==1.0", "hashes": [H], "markers": "python_version >= '3.8'", "extras": ["hot"]},
        "boto3": {"version": "==1.2", "hashes": [H]},
    },
    "develop": {"brush": {"version": "==4.0", "hashes": [H]}},
}
PROJECT = """
[project]
name = "shop"
dependencies = ["soap>=1", "boto3"]
optional-dependencies = {hot = ["steam"]}
"""
UV = f"""
version = 1
[[package]]
name = "shop"
version = "0.1"
source = {{ virtual = "." }}
dependencies = [{{ name = "soap" }}, {{ name = "boto3", marker = "sys_platform == 'win32'" }}]
[package.optional-dependencies]
hot = [{{ name = "steam" }}]
[package.dev-dependencies]
dev = [{{ name = "brush" }}]
[[package]]
name = "soap"
version = "1.0"
source = {{ registry = "http://index" }}
dependencies = [{{ name = "bubble", version = "2.0", marker = "python_version < '3.12'" }}]
sdist = {{ url = "http://x", hash = "{H}" }}
wheels = [{{ url = "http://y", hash = "{H[:-1]}1" }}]
[[package]]
name = "bubble"
version = "1.0"
source = {{ registry = "http://index" }}
[[package]]
name = "bubble"
version = "2.0"
source = {{ registry = "http://index" }}
wheels = [{{ url = "http://y", hash = "{H}" }}]
[[package]]
name = "boto3"
version = "1.2"
source = {{ registry = "http://index" }}
dependencies = [{{ name = "bubble", version = "2.0" }}]
wheels = [{{ url = "http://y", hash = "{H}" }}]
[[package]]
name = "steam"
version = "3.0"
source = {{ registry = "http://index" }}
wheels = [{{ url = "http://y", hash = "{H}" }}]
[[package]]
name = "brush"
version = "4.0"
source = {{ registry = "http://index" }}
"""


def required(bench: Bench, options: str = "{}", left_out: tuple[str, ...] = ()) -> Required:
    bench.write("serverless.yml", f"{HEAD}custom: {{pythonRequirements: {options}}}\n{FUNCTION}")
    project = bench.open()
    build = Compilation(load_service(project.services["shop"], bench.settings()), bench.settings())
    found = RequirementSources(build, list(left_out)).of("")
    assert found is not None
    return found


def write(bench: Bench, **files: Any) -> None:
    known = {"pyproject": "pyproject.toml", "poetry": "poetry.lock", "uv": "uv.lock"}
    for name, text in files.items():
        bench.write(known[name], text)


def test_poetry_1_leaves_what_is_needed_to_be_followed_from_the_project(bench: Bench) -> None:
    write(bench, pyproject=POETRY, poetry=POETRY_1)
    found = required(bench)
    assert found.lines == [
        "--extra-index-url http://127.0.0.1/simple",
        f"bubble==2.0 ; sys_platform == 'win32' --hash={H}",
        f"old==0.1 ; python_version < '3.9' --hash={H}",
        f"soap==1.0 --hash={H}",
        f"steam==3.0 --hash={H}",
    ]
    assert found.arguments == ("--no-deps",)
    assert found.file.name == "poetry.lock"
    assert any("brush" in line for line in required(bench, "{poetryWithGroups: [dev]}").lines)


def test_poetry_2_says_which_group_needs_what_and_when(bench: Bench) -> None:
    write(bench, pyproject=POETRY.replace("[[tool.poetry.source]]", "[tool.x]"), poetry=POETRY_2)
    assert required(bench).lines == [f"soap==1.0 ; sys_platform == 'linux' --hash={H}"]
    assert required(bench, "{poetryWithGroups: [dev]}").lines == [
        f"brush==4.0 --hash={H}",
        f"soap==1.0 ; (python_version > '3.9') or (sys_platform == 'linux') --hash={H}",
    ]
    only = required(bench, "{poetryOnlyGroups: [dev]}", ("Soap",))
    assert only.lines == [f"brush==4.0 --hash={H}"]


def test_a_pipfile_is_locked_with_its_own_indexes(bench: Bench) -> None:
    bench.write("Pipfile", "[packages]")
    bench.write("Pipfile.lock", json.dumps(PIPFILE))
    found = required(bench, left_out=("boto3",))
    assert found.lines == [
        "--extra-index-url http://127.0.0.1/simple",
        f"soap[hot]==1.0 ; python_version >= '3.8' --hash={H}",
    ]


def test_one_without_a_hash_leaves_all_without(bench: Bench) -> None:
    git = {"git": "https://x/y.git", "ref": "abc"}
    bench.write("Pipfile", "[packages]")
    bench.write("Pipfile.lock", json.dumps({"default": {**PIPFILE["default"], "y": git, "z": {"path": "./lib"}}}))
    assert required(bench, left_out=("boto3",)).lines == [
        "./lib",
        "soap[hot]==1.0 ; python_version >= '3.8'",
        "y @ git+https://x/y.git@abc",
    ]


def test_uv_locks_what_the_project_names_and_what_that_needs(bench: Bench) -> None:
    write(bench, pyproject=PROJECT, uv=UV)
    assert required(bench).lines == [
        f"boto3==1.2 ; sys_platform == 'win32' --hash={H}",
        f"bubble==2.0 ; (python_version < '3.12') or (sys_platform == 'win32') --hash={H}",
        f"soap==1.0 --hash={H} --hash={H[:-1]}1",
    ]
    assert any("steam" in line for line in required(bench, "{pyprojectWithGroups: [hot]}").lines)
    assert required(bench, "{useUv: false}").lines == ["boto3", "soap>=1"]


def test_pyproject_alone_is_enough_and_comes_before_the_requirements_file(bench: Bench) -> None:
    write(bench, pyproject=PROJECT)
    bench.write("requirements.txt", "other")
    assert required(bench, "{pyprojectWithGroups: [hot]}", ("boto3",)).lines == ["soap>=1", "steam"]
    assert required(bench, "{usePyProject: false}").lines == ["other"]


@pytest.mark.parametrize(
    ("files", "options", "what", "todo"),
    [
        ({"pyproject": POETRY}, "{}", "poetry.lock is not there", "poetry lock"),
        ({"pyproject": PROJECT}, "{useUv: true}", "uv.lock is not there", "uv lock"),
        ({"pyproject": PROJECT, "uv": "]"}, "{}", "uv.lock cannot be read", "correct"),
        ({"pyproject": PROJECT, "uv": "package = 5"}, "{}", "uv.lock cannot be read", "correct"),
        ({"pyproject": PROJECT, "uv": UV.replace("soap", "foam", 1)}, "{}", "uv.lock cannot be read", "correct"),
        ({"pyproject": POETRY, "poetry": "[[package]]"}, "{}", "poetry.lock cannot be read", "correct"),
        ({"pyproject": POETRY, "poetry": POETRY_1 * 2}, "{}", "poetry.lock cannot be read", "correct"),
        ({"pyproject": "[project]\ndependencies = [5]"}, "{}", "pyproject.toml cannot be read", "correct"),
        ({"pyproject": "project = 5"}, "{}", "pyproject.toml cannot be read", "correct"),
    ],
)
def test_what_is_not_there_or_not_readable_is_said(
    bench: Bench, files: dict[str, str], options: str, what: str, todo: str
) -> None:
    write(bench, **files)
    with pytest.raises(ConfigError) as caught:
        required(bench, options)
    assert what in caught.value.what
    assert todo in caught.value.todo
    assert caught.value.where is not None


@pytest.mark.emulator
def test_what_a_lock_names_is_installed_as_it_names_it(shop: Bench, tmp_path: Path) -> None:  # noqa: F811
    import hashlib

    digest = hashlib.sha256((tmp_path / "wheels" / "soap-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    entry = {"version": "==1.0", "hashes": [f"sha256:{digest}"]}
    shop.write("Pipfile", "[packages]")
    shop.write("Pipfile.lock", json.dumps({"default": {"soap": entry}}))
    found = names(shop.compile(HEAD + FUNCTION))
    assert "soap.py" in found
    assert "bubble.py" not in found, "a lock names everything, so nothing else is looked for"
    shop.write("Pipfile.lock", json.dumps({"default": {"soap": {**entry, "hashes": [H]}}}))
    assert "installed" in shop.refused(HEAD + FUNCTION).what


def test_a_circle_of_needs_comes_to_an_end_and_the_easiest_way_counts() -> None:
    needs = {"a": [("b", "x"), ("c", "")], "b": [("a", ""), ("d", "y")], "c": [("b", "z"), ("a", "w")], "d": []}
    assert reachable([("a", "")], lambda key: needs[key]) == {
        "a": "",
        "b": "(x) or (z)",
        "c": "",
        "d": "((x) and (y)) or ((y) and (z))",
    }
    assert any_marker(["x", ""]) == ""
