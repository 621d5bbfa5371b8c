"""The README's commands install in seconds: pins agree, are installed, have a reason, and pip does not backtrack."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text()
PROJECT: dict[str, Any] = tomllib.loads(PYPROJECT)["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
CI = (ROOT / ".ci" / "run").read_text()


def _pin(requirement: Requirement) -> str | None:
    """Version that a requirement pins with `==`; None for a range."""
    exact = [each.version for each in requirement.specifier if each.operator == "==" and "*" not in each.version]
    return exact[0] if exact else None


def _own(extra: str) -> Iterator[Requirement]:
    """Requirements of the product with one extra, and of the extras that it includes."""
    yield from map(Requirement, PROJECT["dependencies"])
    for requirement in map(Requirement, EXTRAS[extra]):
        if requirement.name == PROJECT["name"]:
            for included in sorted(requirement.extras):
                yield from _own(included)
        else:
            yield requirement


def _of_installed(requirement: Requirement) -> Iterator[Requirement]:
    """Requirements of an installed distribution with the extras asked of it, as far as they hold here."""
    for text in metadata.requires(requirement.name) or []:
        nested = Requirement(text)
        environments = [{"extra": extra} for extra in ("", *requirement.extras)]
        if nested.marker is None or any(map(nested.marker.evaluate, environments)):
            yield nested


def _closure(extra: str) -> Iterator[tuple[str, Requirement]]:
    """(who requires it, requirement) for everything that an extra brings along."""
    waiting = [(f"stateroom[{extra}]", requirement) for requirement in _own(extra)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        by, requirement = waiting.pop()
        yield by, requirement
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            waiting += [(requirement.name, nested) for nested in _of_installed(requirement)]


def _pins(extra: str) -> dict[str, str]:
    """Version by name of what the product pins for an extra."""
    return {canonicalize_name(each.name): version for each in _own(extra) if (version := _pin(each))}


def test_the_product_itself_pins_nothing() -> None:
    assert not [text for text in PROJECT["dependencies"] if _pin(Requirement(text))]


def test_the_demo_pins_the_aws_libraries_that_the_emulator_takes() -> None:
    pins = _pins("demo")
    required = {each.name: _pin(each) for each in map(Requirement, metadata.requires("ministack") or [])}
    assert pins["botocore"] == required["botocore"]
    botocore = next(each for each in map(Requirement, metadata.requires("boto3") or []) if each.name == "botocore")
    assert metadata.version("boto3") == pins["boto3"]
    assert pins["botocore"] in botocore.specifier, "pin the boto3 that goes with this botocore"


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_is_pinned_is_what_is_installed(extra: str) -> None:
    pins = _pins(extra)
    assert {name: metadata.version(name) for name in pins} == pins, "run the README's install command again"


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_requirement_admits_what_is_installed(extra: str) -> None:
    """Pins agree with each other, and with what others require of them (syrupy of pytest, s3transfer of botocore)."""
    installed = {canonicalize_name(each.name): each.version for each in metadata.distributions()}
    refused = [
        f"{by} requires {requirement}, but {version} is installed"
        for by, requirement in _closure(extra)
        if not requirement.specifier.contains(
            version := installed[canonicalize_name(requirement.name)], prereleases=True
        )
    ]
    assert not refused


def test_a_pin_has_its_reason_beside_it() -> None:
    pinned = {text for texts in EXTRAS.values() for text in texts if _pin(Requirement(text))}
    explained = set(re.findall(r'^ +"([^"]+==[^"]+)",  # pinned: \S.{15,}$', PYPROJECT, re.MULTILINE))
    assert explained == pinned


def test_ci_resolves_every_extra() -> None:
    resolved = re.search(r"for what in (.*); do", CI)
    assert resolved is not None
    assert resolved[1].split() == [".", *(f"'.[{extra}]'" for extra in EXTRAS)]
    install = next(line for line in (ROOT / "README.md").read_text().splitlines() if line.endswith("pytest -n auto"))
    assert "'.[dev]'" in install, "CI reads how dev resolved from the log of this command"


def _backtracking(log: str) -> list[str]:
    """Lines that `.ci/run` prints for a log of pip."""
    function = re.search(r"^backtracking\(\) \{$.*?^\}$", CI, re.MULTILINE | re.DOTALL)
    assert function is not None
    script = f"{function[0]}\nbacktracking"
    run = subprocess.run(["bash", "-c", script], input=log, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


# pip 23.2 with a cache, and with a folder as index; then pip 26 with an index that gives metadata by itself.
STRAIGHT = """
WARNING: Location 'file:///mirror/boto3-2.0-py3-none-any.whl' is ignored: it is neither a file nor a directory.
Processing /home/me/stateroom
Collecting boto3>=1.40 (from stateroom==0.1.0)
  Downloading boto3-1.44.8-py3-none-any.whl (140 kB)
Collecting boto3>=1.40 (from stateroom==0.1.0)
  Using cached boto3-1.43.106-py3-none-any.whl (140 kB)
Processing /mirror/botocore-1.43.106-py3-none-any.whl (from stateroom==0.1.0)
  Downloading https://index.example/py_partiql_parser-0.6.3.tar.gz.metadata (2.1 kB)
  Downloading https://index.example/py_partiql_parser-0.6.3.tar.gz (17 kB)
Successfully installed boto3-1.43.106 botocore-1.43.106 py-partiql-parser-0.6.3 stateroom-0.1.0
"""
SEARCH = """
Collecting boto3>=1.40 (from stateroom==0.1.0)
  Downloading boto3-1.44.8-py3-none-any.whl.metadata (6.7 kB)
  Using cached https://index.example/Boto3-1.44.7-py3-none-any.whl.metadata (6.7 kB)
Processing /mirror/boto3-1.43.106.tar.gz (from stateroom==0.1.0)
Would install boto3-1.43.106
"""
NOTICE = "INFO: pip is looking at multiple versions of boto3 to determine which version is compatible with other"


@pytest.mark.emulator
def test_ci_finds_no_backtracking_in_a_straight_install() -> None:
    assert _backtracking(STRAIGHT) == []
    assert _backtracking(STRAIGHT + SEARCH + NOTICE) == [], "what follows is not the log of the install"


@pytest.mark.emulator
def test_ci_finds_three_versions_of_one_distribution() -> None:
    assert _backtracking(SEARCH) == ["pip read 3 versions of boto3: 1.44.8 1.44.7 1.43.106"]


@pytest.mark.emulator
def test_ci_finds_the_notice_of_pip() -> None:
    assert _backtracking(NOTICE + STRAIGHT) == [NOTICE]


@pytest.mark.emulator
def test_ci_does_not_pass_a_log_that_it_cannot_read() -> None:
    assert _backtracking("Resolved 47 packages in 2 s\n") == ["the log of pip names nothing that was read"]
