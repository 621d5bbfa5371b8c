"""Programs that stateroom starts for a project, and what each of them may see of the environment: a table.

A program that is not here is not started. `docs/security.md` shows the same table to users.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stateroom.errors import StateroomError


@dataclass(frozen=True, slots=True)
class Program:
    """A program by name, and the variables that its job needs besides those that every program gets.

    `act` completes "allow NAME …": what is asked for, where nothing is started.
    """

    name: str
    variables: frozenset[str] = frozenset()
    act: str = "to run"


# Where pip finds packages, and how it reaches them: the user's choice, which may hold a password of that index. What
# would change how or where pip installs (PIP_TARGET, PIP_NO_BINARY, PIP_REQUIREMENT, …) is not among them.
PIP: Final = Program(
    "pip",
    frozenset(
        {
            "NETRC",
            "PIP_CACHE_DIR",
            "PIP_CERT",
            "PIP_CLIENT_CERT",
            "PIP_CONFIG_FILE",
            "PIP_DEFAULT_TIMEOUT",
            "PIP_EXTRA_INDEX_URL",
            "PIP_FIND_LINKS",
            "PIP_INDEX_URL",
            "PIP_KEYRING_PROVIDER",
            "PIP_NO_CACHE_DIR",
            "PIP_NO_INDEX",
            "PIP_PROXY",
            "PIP_RETRIES",
            "PIP_TIMEOUT",
            "PIP_TRUSTED_HOST",
        }
    ),
)
GIT: Final = Program("git")
STRIP: Final = Program("strip")
ESBUILD: Final = Program("esbuild")  # the project's own, which its node_modules has
# No program, but asked in the same way: a web address of the project's choice may carry what other variables read.
WEB: Final = Program("http")
# Nor is this one: a file outside of the project, which variables may carry away just so.
FILES: Final = Program("variables", act="to read it")


def find_program(name: str, environment: Mapping[str, str], outside: Path) -> Path:
    """Return a program's absolute path by PATH, never one in the project.

    Raises:
        StateroomError: there is none.
    """
    for directory in clean_path(environment.get("PATH", os.defpath), outside):
        path = Path(directory) / name
        if path.is_file() and os.access(path, os.X_OK) and not path.resolve().is_relative_to(outside.resolve()):
            return path
    raise StateroomError(
        f"{name} is not there", why="no directory of PATH outside the project has it", todo=f"install {name}"
    )


def clean_path(value: str, outside: Path) -> list[str]:
    """Return the entries of a path list that are absolute and not in the project."""
    project = outside.resolve()
    entries = (entry for entry in value.split(os.pathsep) if os.path.isabs(entry))  # noqa: PTH117 - it is text
    return [entry for entry in entries if not Path(entry).resolve().is_relative_to(project)]
