"""Our templates mean what the framework's mean. Opt-in: STATEROOM_ORACLE=1, with node and npm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.peer import available, projects
from tests.oracle.report import against_the_framework

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),  # the first test installs the framework
]


@pytest.mark.parametrize("project", projects(), ids=lambda path: path.name)
def test_a_project_compiles_to_what_the_framework_makes_of_it(project: Path) -> None:
    found = against_the_framework(project)
    assert found.total > 0
    assert found.lines == ()
