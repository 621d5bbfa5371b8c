"""Compare a service's outputs in the state with those that the Serverless Framework stored in the same home."""

from __future__ import annotations

from collections.abc import Sequence

from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.outputs import ServiceOutputs
from stateroom.engine.workspace import Workspace
from stateroom.errors import StateroomError
from stateroom.state.repository.framework_stacks import FrameworkState


def framework_deploy_notes(workspace: Workspace, services: Sequence[str]) -> dict[str, str]:
    """Note for each service that the Serverless Framework has deployed it, or why that is not known; by service.

    Reads two lists, and an object for each that it has deployed.
    """
    try:
        found = _framework_states(workspace, services)
    except StateroomError as error:
        return {name: f"what the Serverless Framework deployed is not known: {error.lines()[0]}" for name in services}
    notes: dict[str, str] = {}
    for name, state in found.items():
        ours = workspace.home.etag(*workspace.place(name)) is not None
        also = "by stateroom and " if ours else ""
        notes[name] = f"deployed {also}by the Serverless Framework (stack {state.arn})"
    return notes


def compare_outputs(workspace: Workspace, service: str, column: StateColumn) -> ServiceOutputs:
    """Compare a state's outputs with the framework's. Reads a list and one object of the framework's."""
    ours = dict(column.snapshot.outputs)
    try:
        found = _framework_states(workspace, (service,)).get(service)
    except StateroomError as error:
        return ServiceOutputs(service, column.exists, ours, problem="; ".join(error.lines()))
    if found is None:
        return ServiceOutputs(service, column.exists, ours)
    problem = "its object is damaged" if found.damaged else ""
    return ServiceOutputs(
        service, column.exists, ours, found.arn, dict(found.outputs), found.key, found.modified, problem
    )


def _framework_states(workspace: Workspace, services: Sequence[str]) -> dict[str, FrameworkState]:
    """Return the framework's deployed stacks of services. Raises StateError."""
    stacks = {name: workspace.stack(name) for name in services} if workspace.home.shared else {}
    found = workspace.home.framework_states(set(stacks.values()))
    return {name: found[stack] for name, stack in stacks.items() if stack in found and not found[stack].removed}
