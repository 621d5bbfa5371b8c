"""The house's own rules: rooms stay small, floors stay apart at run time too, and nothing of a machine gets in."""

from __future__ import annotations

import fnmatch
import json
import os
import pwd
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import anchor, headings, named_code, pointers, rooms_on_the_map, section
from tests.support.measures import (
    Layers,
    arrows,
    circles,
    class_totals,
    definitions,
    folder_sizes,
    layers,
    names_met_twice,
    read_package,
    sizes,
    upward,
)

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tui" / "stateroom"
ARCHITECTURE = ROOT / "docs" / "architecture.md"

# Lines, and for a folder its files. The limits only go down, and so do the exceptions: a number may be lowered or
# removed, never raised, and nothing is added.
LIMITS = {"file": 300, "class": 200, "class with its bases": 250, "function": 50, "folder": 14}
MEDIAN_FILE = 110
ONE_MODULE_EACH = ("commands", "cloud/aws")  # one a command, one a service: their names are their index
EXCEPTIONS: dict[str, dict[str, int]] = {}

# Public classes of one name: this set only shrinks, too.
SHARED_NAMES: set[str] = set()

# Entries of ruff's per-file-ignores that still let docstrings begin as they like (D401). The number only goes down, and
# what has been passed stays passed.
PASSED = ("model", "presentation", "commands", "demo", "cli", "errors", "docs", "benchmarks", "screenshots")
ROOMS_TO_PASS = 21

HEAVY = ("textual", "rich", "boto3", "botocore", "yaml", "deepdiff", "keyring", "cryptography", "ministack")


def _held(kind: str) -> dict[str, int]:
    modules = read_package(PACKAGE)
    if kind == "folder":
        return {name: files for name, files in folder_sizes(modules).items() if name not in ONE_MODULE_EACH}
    return class_totals(modules) if kind == "class with its bases" else sizes(modules)[kind]


@pytest.mark.parametrize("kind", LIMITS)
def test_rooms_are_small(kind: str) -> None:
    allowed = EXCEPTIONS.get(kind, {})
    too_big = {name: size for name, size in _held(kind).items() if size > allowed.get(name, LIMITS[kind])}
    assert not too_big, "split these, or find the idea that is missing"


def test_exceptions_are_as_low_as_they_can_be() -> None:
    held = {kind: _held(kind) for kind in EXCEPTIONS}
    slack = {
        name: held[kind].get(name)
        for kind, exceptions in EXCEPTIONS.items()
        for name, allowed in exceptions.items()
        if held[kind].get(name, 0) < allowed or held[kind][name] <= LIMITS[kind]
    }
    assert not slack, "lower these exceptions to what is measured, or remove them"


def test_most_files_are_short() -> None:
    files = [module.lines for module in read_package(PACKAGE).values() if not module.where.endswith("__init__.py")]
    assert statistics.median(files) <= MEDIAN_FILE


def test_go_to_symbol_answers_once() -> None:
    twice = names_met_twice(read_package(PACKAGE))
    assert set(twice) == SHARED_NAMES, f"rename one of each, or take out of SHARED_NAMES what is gone: {twice}"
    assert len(SHARED_NAMES) <= 5


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert not circles(arrows(read_package(PACKAGE))), "move what both need below both"


def _pyproject() -> dict[str, Any]:
    """Read the settings of all tools."""
    tools: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return tools


def _contracts() -> list[Layers]:
    return layers(_pyproject()["importlinter"])


def test_no_arrow_leads_up() -> None:
    # import-linter holds the same contracts, but follows no import_module("…"), and CI may be far away.
    found = arrows(read_package(PACKAGE))
    wrong = {(contract.name, *arrow) for contract in _contracts() for arrow in upward(found, contract)}
    assert not wrong


def test_every_module_stands_on_a_floor() -> None:
    floors = _contracts()[0]
    outside = {name for name in read_package(PACKAGE) if floors.floor_of(name) is None}
    assert outside == {"stateroom", "stateroom.__main__"}


def _rooms_to_pass() -> set[str]:
    """Patterns of files whose docstrings ruff does not hold to D401 yet; `{a,b}.py` counts as two."""
    ignored = _pyproject()["ruff"]["lint"]["per-file-ignores"]
    rooms = set()
    for pattern in (pattern for pattern, rules in ignored.items() if "D401" in rules):
        head, _, rest = pattern.partition("{")
        names, _, tail = rest.partition("}")
        rooms |= {f"{head}{name}{tail}" for name in names.split(",")}
    return rooms


def test_the_list_of_rooms_to_pass_only_shrinks() -> None:
    rooms = _rooms_to_pass()
    assert len(rooms) == ROOMS_TO_PASS, "begin docstrings with an imperative; lower ROOMS_TO_PASS to what is left"
    passed = [*PASSED, *(f"tui/stateroom/{name}" for name in PASSED)]
    assert not {room for room in rooms if room.startswith(tuple(passed))}


def test_every_room_on_the_list_still_has_something_to_pass() -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--target-version", "py311"]
    found = subprocess.run(
        [*ruff, "--select", "D401", "--output-format", "json", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    files = {Path(each["filename"]).relative_to(ROOT).as_posix() for each in json.loads(found.stdout)}
    done = {room for room in _rooms_to_pass() if not fnmatch.filter(files, room)}
    assert not done, "take these out of per-file-ignores in pyproject.toml"


def _loaded_by(code: str) -> set[str]:
    """Which heavy packages a fresh interpreter has loaded after running `code`."""
    look = f"\nimport sys\nprint()\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code + look], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def _import_all(*packages: str) -> str:
    return (
        "import importlib, pkgutil\n"
        f"for name in {packages!r}:\n"
        "    package = importlib.import_module(name)\n"
        "    for module in pkgutil.walk_packages(getattr(package, '__path__', []), name + '.'):\n"
        "        importlib.import_module(module.name)\n"
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["deploy", "--help"], ["demo", "--help"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    assert not _loaded_by(f"from stateroom.cli import main\nassert main({arguments!r}) == 0")


def test_below_the_screen_nothing_loads_textual() -> None:
    wings = ("model", "errors", "config", "state", "cloud", "engine", "presentation", "commands")
    loaded = _loaded_by(_import_all(*(f"stateroom.{wing}" for wing in wings)))
    assert loaded.isdisjoint({"textual", "rich"})
    assert loaded.isdisjoint({"boto3", "botocore"}), "boto3 is imported inside functions, when a call is made"


def test_the_model_needs_nothing_but_the_standard_library() -> None:
    assert not _loaded_by(_import_all("stateroom.model", "stateroom.errors"))


def test_the_screen_loads_without_clouds_files_and_keyrings() -> None:
    loaded = _loaded_by("import stateroom.ui.app")
    assert loaded.isdisjoint({"boto3", "botocore", "yaml", "deepdiff", "keyring", "cryptography"})


def _committed() -> Iterator[tuple[str, str]]:
    """Name and text of every text file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".gz", ".zip", ".png"):
            yield name, path.read_text(errors="replace")


def test_no_path_of_this_machine_is_committed() -> None:
    # The first two are where builds like to live; written in pieces, or this file would find itself.
    places = {f"/{name}/" for name in ("work", "root")} | {f"{ROOT}/", f"{pwd.getpwuid(os.getuid()).pw_dir}/"} - {"//"}
    paths = re.compile(r"(?<![\w.~}])(?:" + "|".join(map(re.escape, places)) + ")")
    found = {f"{name}: {match[0]}" for name, text in _committed() for match in paths.finditer(text)}
    assert not found


def test_no_package_registry_is_named() -> None:
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ]
    found = {f"{name}: {host}" for name, text in _committed() for host in hosts if host in text}
    assert not found


# The room that starts programs.
STARTS_PROGRAMS = "programs/process.py"


def test_only_one_room_starts_programs() -> None:
    modules = r"subprocess|multiprocessing|pty|concurrent\.futures\.process|asyncio\.subprocess|ctypes|_posixsubprocess"
    ways = re.compile(
        rf"^\s*(?:import|from) (?:{modules})\b|import_module\(.(?:{modules})\b|\bProcessPoolExecutor\b"
        r"|\bcreate_subprocess_\w+|\bos\.(?:exec\w*|spawn\w*|posix_spawn\w*|system|popen|fork\w*|startfile)\b"
        r"|\brunpy\b|\b(?:exec|eval|__import__)\(|\bspec_from_file_location\b",
        re.MULTILINE,
    )
    modules_with = {
        module.where: match[0].strip()
        for module in read_package(PACKAGE).values()
        if (match := ways.search(module.text))
    }
    assert modules_with.keys() == {STARTS_PROGRAMS}, (
        "ask stateroom.programs; see docs/security.md, What is run, and when"
    )


def test_nothing_is_left_open_in_the_code() -> None:
    left = re.compile(r"\b(?:TODO|FIXME|XXX)\b|NotImplementedError")
    modules = read_package(PACKAGE).values()
    found = {f"{module.where}: {match[0]}" for module in modules for match in left.finditer(module.text)}
    assert not found


def _documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _code(text: str) -> Iterator[str]:
    """Lines of code blocks, and inline code, of a Markdown text."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", text)


def test_every_command_in_the_documents_exists() -> None:
    from stateroom.commands import COMMANDS

    named = {
        (path.name, match[1])
        for path in _documents()
        for line in _code(path.read_text())
        for match in re.finditer(r"(?:^|/|\s)stateroom ([a-z][a-z-]+)(?=\s|$)", line)
    }
    assert named, "the documents name no command at all"
    assert {(document, command) for document, command in named if command not in COMMANDS} == set()


def test_every_file_that_the_documents_point_to_exists() -> None:
    missing = set()
    for path in _documents():
        for name, place in re.findall(r"\]\(([^):#\s]*)(?:#([^)\s]+))?\)", path.read_text()):
            target = path.parent / name if name else path
            if not target.exists() or (place and place not in map(anchor, headings(target.read_text()))):
                missing.add(f"{path.name}: {name}#{place}")
    assert not missing


def _code_with_pointers() -> Iterator[tuple[str, str]]:
    # Two of the tests make up documents of their own.
    made_up = ("tests/config/test_artifacts.py", "tests/support/test_measures.py")
    yield from ((name, text) for name, text in _committed() if name.endswith(".py") and name not in made_up)


def test_every_document_and_section_that_the_code_names_exists() -> None:
    missing = set()
    for name, text in _code_with_pointers():
        for document, named in pointers(text):
            path = ROOT / document
            if not path.is_file() or (named and not named.startswith(tuple(headings(path.read_text())))):
                missing.add(f"{name}: {document} {named}".strip())
    assert not missing, "name a document of docs/, and behind a comma one of its sections"


def test_sections_are_named_and_not_numbered() -> None:
    # A number is a section of a document that is somewhere else, or that was rearranged since.
    numbered = re.compile(r"\u00a7+\s*\d[\d.]*")
    found = {f"{name}: {match[0]}" for name, text in _committed() for match in numbered.finditer(text)}
    assert not found


def test_the_walks_lead_through_code_that_exists() -> None:
    modules = {module.where: module for module in read_package(PACKAGE).values()}
    lost = {
        f"{path.name}: {where}:{name}"
        for path in _documents()
        for where, name in named_code(path.read_text())
        if where not in modules or name not in definitions(modules[where])
    }
    assert not lost, "trace the walk again"


def test_there_are_three_walks() -> None:
    walks = section(ARCHITECTURE.read_text(), "Three walks").split("\n### ")[1:]
    assert [len(named_code(walk)) >= 8 for walk in walks] == [True] * 3


def test_every_room_is_on_the_map() -> None:
    folders = {"/".join(folder.split("/")[:2]) for folder in folder_sizes(read_package(PACKAGE)) if folder != "."}
    rooms = set(rooms_on_the_map(section(ARCHITECTURE.read_text(), "Rooms")))
    unknown, gone = folders - rooms - {"demo/sample"}, {room for room in rooms if not (PACKAGE / room).is_dir()}
    assert (unknown, gone) == (set(), set()), "say in docs/architecture.md what the first hold, and drop the others"


def test_the_readme_has_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert any(line.startswith("python3 -m venv .venv") and line.endswith("stateroom demo") for line in lines)
    assert any(line.startswith("python3 -m venv .venv") and "/pytest" in line for line in lines)
