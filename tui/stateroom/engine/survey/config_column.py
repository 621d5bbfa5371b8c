"""Compile a service's config for a survey and set it beside the state. Asks no cloud."""

from __future__ import annotations

from collections.abc import Callable

from stateroom.cloud.provider import Identity
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.records.unbuilt import as_recorded
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.engine.workspace import Workspace
from stateroom.model.values import Value


def compare_service(
    workspace: Workspace,
    state: Callable[[str], StateColumn],
    service: str,
    column: StateColumn,
    watch: Watch,
    *,
    install: bool = True,
) -> ServiceComparison:
    """Compare config and state of a service. Planning tells what each resource should be.

    References to physical ids that will change come out as not known yet. A package that is not built, because nothing
    may be installed (or without `install`), is not compared.

    Raises:
        StateroomError: the config cannot be compiled.
    """
    snapshot = column.snapshot
    provider = workspace.provider(service)
    compiled = workspace.template(service, watch, install=install)
    expected = as_recorded(compiled, snapshot.by_id())
    template = expected.template
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
        not_built=dict.fromkeys(expected.not_built, compiled.not_built),
    )


def compare_without_config(workspace: Workspace, service: str, column: StateColumn) -> ServiceComparison:
    """Return the comparison of a service whose config is not there (yet): every X is `?`."""
    return ServiceComparison(service, workspace.provider(service), {}, {}, column.snapshot.by_id(), True)


def _outputs(workspace: Workspace, state: Callable[[str], StateColumn], service: str) -> dict[str, Value] | None:
    column = state(service)
    here = column.region in ("", workspace.region(service))
    return dict(column.snapshot.outputs) if column.exists and here else None
