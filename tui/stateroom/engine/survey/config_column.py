"""Compile a service's config for a survey and set it beside the state. Asks no cloud."""

from __future__ import annotations

from collections.abc import Callable

from stateroom.cloud.provider import Identity
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.engine.workspace import Workspace
from stateroom.model.standing import OpenStep
from stateroom.model.values import Value


def compare_service(
    workspace: Workspace,
    state: Callable[[str], StateColumn],
    service: str,
    column: StateColumn,
    watch: Watch,
) -> ServiceComparison:
    """Compare config and state of a service. Planning tells what each resource should be.

    References to physical ids that will change come out as not known yet.

    Raises:
        StateroomError: the config cannot be compiled.
    """
    snapshot = column.known
    provider = workspace.provider(service)
    template = workspace.template(service, watch)
    outputs = {name: _outputs(workspace, state, name) for name in workspace.dependencies(service)}
    known = Identity(snapshot.account, workspace.region(service)) if snapshot.account else provider.known_identity()
    surroundings = Surroundings(
        provider,
        known,
        {name: value for name, value in outputs.items() if value is not None},
        look_up=workspace.look_up(service),
        offline=True,
    )
    planned = plan_service(template, snapshot.records, surroundings)
    return ServiceComparison(
        service,
        provider,
        desired=planned.inputs,
        types={name: item.type for name, item in template.resources.items()},
        records=snapshot.by_id(),
        open_steps=open_steps_of(column),
        running=_is_running(column),
    )


def compare_without_config(workspace: Workspace, service: str, column: StateColumn) -> ServiceComparison:
    """Return the comparison of a service whose config is not there (yet): every X is `?`."""
    return ServiceComparison(
        service,
        workspace.provider(service),
        desired={},
        types={},
        records=column.known.by_id(),
        without_config=True,
        open_steps=open_steps_of(column),
        running=_is_running(column),
    )


def open_steps_of(column: StateColumn) -> dict[str, OpenStep]:
    """Return the steps whose outcome is not known, by logical id; not those on old copies of replaced resources."""
    if column.leftover is None:
        return {}
    live = column.known.by_id()
    return {
        item.logical_id: OpenStep(item.logical_id, item.type, item.action)
        for item in column.leftover.intents
        if item.action != "delete" or item.logical_id not in live or live[item.logical_id].physical_id == item.physical_id
    }


def _is_running(column: StateColumn) -> bool:
    return column.interruption is not None and column.interruption.running


def _outputs(workspace: Workspace, state: Callable[[str], StateColumn], service: str) -> dict[str, Value] | None:
    column = state(service)
    here = column.region in ("", workspace.region(service))
    return dict(column.snapshot.outputs) if column.exists and here else None
