"""What others deployed of a service: its CloudFormation stack, and what the Serverless Framework stored of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stateroom.cloud.provider import DeployedStack
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.outputs import ServiceOutputs
from stateroom.engine.records.endpoints import endpoints_of
from stateroom.engine.workspace import Workspace
from stateroom.errors import StateroomError
from stateroom.state.repository.framework_stacks import FrameworkState


def framework_deploy_notes(workspace: Workspace, services: Sequence[str], *, ask_cloud: bool = False) -> dict[str, str]:
    """Note for each service that somebody else has deployed it, or why that is not known; by service.

    Reads two lists of a shared home, and an object for each that the Serverless Framework has deployed. With
    `ask_cloud` the stack of each service without a state is looked for, too: one call each.
    """
    notes = _framework_notes(workspace, services)
    for name in services:
        if ask_cloud and name not in notes and (note := _stack_note(workspace, name)):
            notes[name] = note
    return notes


def stack_of(workspace: Workspace, service: str) -> DeployedStack | None:
    """Return the stack that a tool would have deployed the service as. Raises CloudError when it may not be asked."""
    return workspace.provider(service).stack(workspace.stack(service)[0])


def by_tool(stack: DeployedStack) -> str:
    """Name who deployed a stack, as far as it says so: `by AWS CDK`."""
    return f" by {stack.tool}" if stack.tool else ""


def _stack_note(workspace: Workspace, service: str) -> str:
    try:
        stack = stack_of(workspace, service) if workspace.is_undeployed(service) else None
    except StateroomError as error:
        return f"whether it is deployed as a CloudFormation stack is not known: {'; '.join(error.lines()[:2])}"
    return f"deployed as CloudFormation stack {stack.name}{by_tool(stack)} ({stack.id})" if stack else ""


def _framework_notes(workspace: Workspace, services: Sequence[str]) -> dict[str, str]:
    if workspace.options.offline:
        return {}  # the note would say no more than that the home is not read
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
    ours = ServiceOutputs(
        service, column.exists, dict(column.snapshot.outputs), endpoints=endpoints_of(column.snapshot)
    )
    try:
        found = _framework_states(workspace, (service,)).get(service)
    except StateroomError as error:
        return replace(ours, problem="; ".join(error.lines()))
    if found is None:
        return ours
    return replace(
        ours,
        stack=found.arn,
        theirs=dict(found.outputs),
        key=found.key,
        modified=found.modified,
        problem="its object is damaged" if found.damaged else "",
    )


def _framework_states(workspace: Workspace, services: Sequence[str]) -> dict[str, FrameworkState]:
    """Return the framework's deployed stacks of services. Raises StateError."""
    stacks = {name: workspace.stack(name) for name in services} if workspace.home.shared else {}
    found = workspace.home.framework_states(set(stacks.values()))
    return {name: found[stack] for name, stack in stacks.items() if stack in found and not found[stack].removed}
