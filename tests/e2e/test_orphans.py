"""Orphans against emulators: a home loses a state, and what it made is found, deleted, or taken back."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.e2e.conftest import FUNCTION, Shell


@pytest.fixture(autouse=True)
def local_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that a test can lose."""
    monkeypatch.setenv("STATEROOM_HOME", "local")


@pytest.fixture
def lost(shell: Shell) -> Shell:
    """A deployed project whose state is gone."""
    assert shell.run("deploy", "--yes")[0] == 0
    shutil.rmtree(shell.directory / ".stateroom" / "app")
    return shell


def ids(shell: Shell) -> dict[str, str]:
    return {row["resource"]: row["physical_id"] for row in shell.json("orphans")["orphans"]}


def test_a_deployed_project_has_no_orphans(shell: Shell) -> None:
    assert shell.run("deploy", "--yes")[0] == 0
    code, out, _ = shell.run("orphans")
    assert code == 0
    assert "No orphans found" in out


def test_what_a_lost_state_made_is_listed(lost: Shell) -> None:
    code, out, _ = lost.run("orphans")
    assert code == 0
    assert "In no state of this home" in out
    assert "corner/dev/HelloLambdaFunction" in out
    assert FUNCTION in out
    assert "which no state of this home has" in out
    assert "with it: Policy corner-dev-HelloLambdaPermission" in out, (
        "the function's permission bears no tags and is named with it"
    )
    assert {"HelloLambdaFunction", "Inbox", "HttpApi", "IamRoleLambdaExecution"} <= ids(lost).keys()


def test_orphans_are_deleted_when_they_are_named(lost: Shell) -> None:
    queue = ids(lost)["Inbox"]
    code, out, err = lost.run("orphans", "--delete", queue, "--dry-run")
    assert code == 0, err
    assert "its messages will be lost" in out
    assert lost.run("orphans", "--delete", queue)[0] == 1, "nobody can be asked"
    assert "Inbox" in ids(lost)

    code, out, err = lost.run("orphans", "--delete", queue, ids(lost)["HelloLambdaFunction"], "--yes")
    assert code == 0, err
    assert {"Inbox", "HelloLambdaFunction"} & ids(lost).keys() == set()
    assert lost.run("orphans", "--delete", "corner-nothing", "--yes")[0] == 64


def test_orphans_are_taken_back_each_after_what_it_refers_to(lost: Shell) -> None:
    names = [word for id_ in ids(lost).values() for word in ("--adopt", id_)]
    code, out, err = lost.run("orphans", *names, "--yes")
    assert code == 0, err
    assert "= adopt" in out
    assert lost.run("orphans")[1].count("No orphans found") == 1

    planned = json.loads(lost.run("deploy", "--dry-run", "--json")[1].splitlines()[0])["plan"]
    changed = [step for item in planned["services"] for step in item["steps"] if step["action"] == "update"]
    assert changed == [], "all that the config refers to was known"
