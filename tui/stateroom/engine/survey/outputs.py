"""Service outputs as stored by stateroom and by the Serverless Framework in the same home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from stateroom.errors import StateroomError
from stateroom.model.compare import same
from stateroom.model.values import ABSENT, Value
from stateroom.state.repository.framework_stacks import FrameworkState

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OutputRow:
    """Output. `sign`: " " both agree, "~" they differ, "+" only in ours, "-" only in the framework's."""

    sign: str
    name: str
    ours: Value
    theirs: Value


@dataclass(frozen=True, slots=True)
class ServiceOutputs:
    """Outputs of one service. `deployed`: stateroom has a state of it; the framework's may be empty."""

    service: str
    deployed: bool
    ours: Mapping[str, Value] = field(default_factory=dict)
    stack: str = ""  # ARN of the framework's stack, unless it was removed
    theirs: Mapping[str, Value] = field(default_factory=dict)
    key: str = ""
    modified: datetime | None = None
    problem: str = ""  # why the framework's could not be read, in one line

    def rows(self) -> tuple[OutputRow, ...]:
        """Return every output of either; only ours, when the framework has none to compare with."""
        if not self.stack:
            return tuple(OutputRow(" ", name, value, ABSENT) for name, value in self.ours.items())
        return tuple(_row(name, self.ours, self.theirs) for name in {**self.ours, **self.theirs})


def elsewhere(workspace: Workspace, services: Sequence[str]) -> dict[str, str]:
    """Return notes on services that the Serverless Framework has deployed, by service.

    A note may say why that is unknown. Reads two lists, and an object for each deployed service.
    """
    try:
        found = _framework(workspace, services)
    except StateroomError as error:
        return {name: f"what the Serverless Framework deployed is not known: {error.lines()[0]}" for name in services}
    told: dict[str, str] = {}
    for name, state in found.items():
        ours = workspace.home.etag(*workspace.place(name)) is not None
        also = "by stateroom and " if ours else ""
        told[name] = f"deployed {also}by the Serverless Framework (stack {state.arn})"
    return told


def _framework(workspace: Workspace, services: Sequence[str]) -> dict[str, FrameworkState]:
    """Return the framework's deployed stacks of services. Raises StateError."""
    stacks = {name: workspace.stack(name) for name in services} if workspace.home.shared else {}
    found = workspace.home.framework_states(set(stacks.values()))
    return {name: found[stack] for name, stack in stacks.items() if stack in found and not found[stack].removed}


def outputs_of(workspace: Workspace, service: str) -> ServiceOutputs:
    """Return the outputs stored by both.

    Reads the state, and a list and one object of the framework's.

    Raises:
        StateError, PassphraseError: the state cannot be read.
    """
    column = workspace.state(service)
    ours = dict(column.snapshot.outputs)
    try:
        found = _framework(workspace, (service,)).get(service)
    except StateroomError as error:
        return ServiceOutputs(service, column.exists, ours, problem="; ".join(error.lines()))
    if found is None:
        return ServiceOutputs(service, column.exists, ours)
    problem = "its object is damaged" if found.damaged else ""
    return ServiceOutputs(
        service, column.exists, ours, found.arn, dict(found.outputs), found.key, found.modified, problem
    )


def _row(name: str, ours: Mapping[str, Value], theirs: Mapping[str, Value]) -> OutputRow:
    mine, other = ours.get(name, ABSENT), theirs.get(name, ABSENT)
    sign = "-" if mine is ABSENT else "+" if other is ABSENT else " " if same(mine, other) else "~"
    return OutputRow(sign, name, mine, other)
