"""Where the framework's result would not work, ours differs there and nowhere else; docs/compatibility.md says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.peer import available
from tests.oracle.report import against_the_framework

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),
]
PROJECTS = sorted(path.parent for path in (Path(__file__).parent / "deliberate").glob("*/serverless.yml"))


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_project_differs_where_it_should_and_nowhere_else(project: Path) -> None:
    found = against_the_framework(project)
    wanted = tuple((project / "different.txt").read_text().split())
    assert [line for line in found.lines if not line.startswith(wanted)] == []
    assert [start for start in wanted if not any(line.startswith(start) for line in found.lines)] == []
