"""Where a resource of another tool's state is asked for: its own place, with the user's credentials before all."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.engine.deployers import record_cloud
from stateroom.engine.deployers.record_cloud import open_record_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.tools.record_providers import RecordProvider
from stateroom.errors import StateError

EMULATOR = "http://localhost:4566"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """(region, profile) of every cloud that was opened."""
    found: list[tuple[str, str | None]] = []

    def note(region: str, options: WorkspaceOptions, *_: Any) -> object:
        found.append((region, options.profile))
        return found

    monkeypatch.setattr(record_cloud, "open_provider", note)
    return found


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        (WorkspaceOptions(environment={}), "theirs"),
        (WorkspaceOptions(environment={}, profile="mine"), "mine"),
        (WorkspaceOptions(environment={"AWS_PROFILE": "mine"}), None),
        (WorkspaceOptions(environment={"AWS_ACCESS_KEY_ID": "AKIA"}), None),
        (WorkspaceOptions(environment={"AWS_PROFILE": ""}), "theirs"),
    ],
)
def test_the_deployers_profile_counts_where_the_user_chose_no_credentials(
    opened: list[tuple[str, str | None]], options: WorkspaceOptions, profile: str | None
) -> None:
    assert open_record_provider(RecordProvider("eu-west-1", "theirs"), options) is not None
    assert opened == [("eu-west-1", profile)]


def test_without_any_profile_it_is_the_configurations_own(opened: list[tuple[str, str | None]]) -> None:
    open_record_provider(RecordProvider("eu-west-1"), WorkspaceOptions(environment={}))
    assert opened == [("eu-west-1", None)]


def test_what_an_emulator_has_is_not_looked_for_in_aws_nor_the_other_way_round(
    opened: list[tuple[str, str | None]],
) -> None:
    there = RecordProvider("eu-west-1", endpoint=EMULATOR)
    for options in (WorkspaceOptions(environment={}), WorkspaceOptions(environment={}, endpoint_url="http://other")):
        with pytest.raises(StateError, match=f"sends calls to {EMULATOR}: --endpoint-url"):
            open_record_provider(there, options)
    assert opened == []
    open_record_provider(there, WorkspaceOptions(environment={}, endpoint_url=f"{EMULATOR}/"))
    open_record_provider(there, WorkspaceOptions(environment={"AWS_ENDPOINT_URL": EMULATOR}))
    open_record_provider(RecordProvider("eu-west-1"), WorkspaceOptions(environment={}, endpoint_url=EMULATOR))
    assert len(opened) == 3
