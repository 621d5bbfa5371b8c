"""A survey asks again for remote values when it is told to, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.lab import QUEUE, Lab, one_service


@pytest.mark.parametrize(("fresh", "forgotten"), [(True, 1), (False, 0)])
def test_remote_values_are_forgotten_for_a_fresh_survey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: bool, forgotten: int
) -> None:
    cockpit = Lab(tmp_path, one_service(Jobs=(QUEUE, {"QueueName": "jobs"}))).cockpit
    calls: list[None] = []
    monkeypatch.setattr(type(cockpit.workspace), "forget_remote_values", lambda self: calls.append(None))
    cockpit.survey(lambda event: None, fresh=fresh)
    assert len(calls) == forgotten
