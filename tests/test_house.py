"""The house's own rules: rooms stay small, floors stay apart at run time too, and nothing of a machine gets in."""

from __future__ import annotations

import ast
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tui" / "stateroom"

# Sizes in lines. The limits only go down, and so do the exceptions: a number may be lowered or removed, never raised.
LIMITS = {"file": 300, "class": 200, "function": 50}
EXCEPTIONS: dict[str, int] = {}

HEAVY = ("textual", "rich", "boto3", "botocore", "yaml", "deepdiff", "keyring", "cryptography", "ministack")


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _sizes(path: Path) -> Iterator[tuple[str, str, int]]:
    """(kind, name, lines) of a file and of every class and function in it."""
    where = path.relative_to(PACKAGE).as_posix()
    text = path.read_text()
    yield "file", where, text.count("\n")
    stack: list[tuple[str, ast.AST]] = [(where, ast.parse(text))]
    while stack:
        prefix, node = stack.pop()
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}:{child.name}" if prefix == where else f"{prefix}.{child.name}"
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                lines = (child.end_lineno or first) - first + 1
                yield ("class" if isinstance(child, ast.ClassDef) else "function"), name, lines
            stack.append((name, child))


def test_rooms_are_small() -> None:
    too_big = {
        name: (kind, lines)
        for path in _sources()
        for kind, name, lines in _sizes(path)
        if lines > EXCEPTIONS.get(name, LIMITS[kind])
    }
    assert not too_big, "split these, or find the idea that is missing"


def test_exceptions_are_as_low_as_they_can_be() -> None:
    sizes = {name: (kind, lines) for path in _sources() for kind, name, lines in _sizes(path)}
    slack = {
        name: sizes.get(name)
        for name, allowed in EXCEPTIONS.items()
        if name not in sizes or sizes[name][1] < allowed or sizes[name][1] <= LIMITS[sizes[name][0]]
    }
    assert not slack, "lower or remove these exceptions"


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


def test_nothing_is_left_open_in_the_code() -> None:
    left = re.compile(r"\b(?:TODO|FIXME|XXX)\b|NotImplementedError")
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}" for path in _sources() for match in left.finditer(path.read_text())
    }
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
    missing = {
        f"{path.name}: {target}"
        for path in _documents()
        for target in re.findall(r"\]\(([^)#:\s]+)\)", path.read_text())
        if not (path.parent / target).exists()
    }
    assert not missing


def test_the_readme_has_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert any(line.startswith("python3 -m venv .venv") and line.endswith("stateroom demo") for line in lines)
    assert any(line.startswith("python3 -m venv .venv") and "/pytest" in line for line in lines)
