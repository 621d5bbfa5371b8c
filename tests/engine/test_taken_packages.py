"""Code that somebody changed by hand and that a refresh or an accept takes: it is kept, so that it can come back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stateroom.errors import CloudError, PlanError
from stateroom.model.events import Note
from stateroom.model.plan import Operation
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import FUNCTION, Lab, home_in, one_service

pytestmark = pytest.mark.pure
KEY = (FUNCTION, "one")


@dataclass
class CodeCloud(MemoryCloud):
    """A cloud that hands out the code of functions."""

    code: dict[str, bytes] = field(default_factory=dict)

    def package(self, type_: str, physical_id: str) -> bytes:
        """What runs now."""
        self.calls.append(f"package {physical_id}")
        if physical_id not in self.code:
            raise CloudError("the code of one could not be downloaded", why="AccessDenied")
        return self.code[physical_id]


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A function that was deployed, and then given other code by hand."""
    deployed = one_service(One=(FUNCTION, {"FunctionName": "one", "Code": {"ArtifactSha256": digest(b"first")}}))
    lab = Lab(tmp_path, deployed, CodeCloud())
    (tmp_path / "first.zip").write_bytes(b"first")
    home_in(tmp_path / ".stateroom").packages.put(digest(b"first"), tmp_path / "first.zip")
    assert lab.run().ok
    lab.cloud.things[KEY].properties["Code"] = {"ArtifactSha256": digest(b"by hand")}
    return lab


def notes(lab: Lab) -> list[str]:
    return [event.text for event in lab.events if isinstance(event, Note)]


@pytest.mark.parametrize("operation", [Operation.REFRESH, Operation.ACCEPT])
def test_code_that_is_taken_can_be_rolled_back_to(lab: Lab, operation: Operation) -> None:
    lab.cloud.code = {"one": b"by hand"}  # type: ignore[attr-defined]
    assert lab.run(operation).ok
    assert (
        f"One: its code {digest(b'by hand')[:12]} was fetched and is kept, so that it can be rolled back to"
        in notes(lab)
    )

    assert lab.run().ok, "the config's code again"
    assert lab.run(Operation.ROLLBACK, version=2).ok
    assert lab.cloud.things[KEY].properties["Code"] == {"ArtifactSha256": digest(b"by hand")}
    assert home_in(lab.directory / ".stateroom").packages.get(digest(b"by hand")) == b"by hand"


@pytest.mark.parametrize(
    ("code", "why"),
    [({}, "could not be downloaded; AccessDenied"), ({"one": b"newer"}, "it has changed since it was read")],
    ids=["forbidden", "changed meanwhile"],
)
def test_code_that_cannot_be_had_is_taken_all_the_same_and_told(lab: Lab, code: dict[str, bytes], why: str) -> None:
    lab.cloud.code = code  # type: ignore[attr-defined]
    assert lab.run(Operation.REFRESH).ok

    assert any(why in text and "cannot be rolled back to" in text for text in notes(lab))
    assert lab.run().ok
    with pytest.raises(PlanError, match="packages are not there"):
        lab.plan(Operation.ROLLBACK, version=2)


def test_code_that_did_not_change_or_is_kept_already_is_not_downloaded(lab: Lab) -> None:
    lab.cloud.things[KEY].properties |= {"Code": {"ArtifactSha256": digest(b"first")}, "Timeout": 9}
    assert lab.run(Operation.REFRESH).ok
    lab.cloud.things[KEY].properties["Code"] = {"ArtifactSha256": digest(b"by hand")}
    (lab.directory / "hand.zip").write_bytes(b"by hand")
    home_in(lab.directory / ".stateroom").packages.put(digest(b"by hand"), lab.directory / "hand.zip")
    assert lab.run(Operation.REFRESH).ok

    assert "package one" not in lab.cloud.calls
