"""`python -m tests.oracle.report [project…]`: where our templates differ from the framework's, project by project.

A project is a name below tests/oracle/projects, or a directory.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stateroom.config.compile_options import CompileOptions
from stateroom.config.project import open_project
from stateroom.config.template_document import compile_document
from stateroom.errors import StateroomError
from tests.oracle.compare import Comparison, compare
from tests.oracle.peer import PROJECTS, PeerError, install, projects


def ours(project: Path) -> dict[str, Any]:
    """The CloudFormation template that we make of a project. Raises StateroomError."""
    with tempfile.TemporaryDirectory() as build:
        settings = CompileOptions(None, None, {}, {}, {}, Path(build))
        opened = open_project(project, options={}, environment={})
        return dict(compile_document(opened, next(iter(opened.services)), settings))


def against_the_framework(project: Path, *more: str) -> Comparison:
    """Compare one project, with further packages beside the framework.

    Raises:
        StateroomError: we refuse it.
        PeerError: the framework does.
    """
    peer = install(*more)
    return compare(ours(peer.copy(project)), peer.package(project))


def _tell(project: Path) -> tuple[str, int, int]:
    try:
        found = against_the_framework(project)
    except (StateroomError, PeerError) as error:
        side = "we refuse" if isinstance(error, StateroomError) else "the framework refuses"
        return f"{project.name}: {side}:\n  {error}", 1, 1
    head = f"{project.name}: {found.different} of {found.total} resources differ"
    return "\n  ".join((head, *found.lines)), found.different, found.total


def main(names: list[str]) -> int:
    """Print the report; 1 when anything differs."""
    chosen = [Path(name) if "/" in name else PROJECTS / name for name in names] or projects()
    install()
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(_tell, chosen))
    for text, _, _ in told:
        print(text)
    different, total = sum(item[1] for item in told), sum(item[2] for item in told)
    print(f"{len(told)} projects, {different} of {total} resources differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
