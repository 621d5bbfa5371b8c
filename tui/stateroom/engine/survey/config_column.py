"""Compile a service's config for a survey and set it beside the state. Asks no cloud."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from stateroom.cloud.provider import Identity
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.known_outputs import compile_with_outputs
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.planner import PlannedService, Surroundings, plan_service
from stateroom.engine.records.unbuilt import AsRecorded, as_recorded
from stateroom.engine.survey.comparison import ServiceComparison, Unsettled
from stateroom.engine.survey.obstacles import obstacles
from stateroom.engine.survey.unasked import unasked_parts, with_known_names
from stateroom.engine.survey.unresolved_places import located
from stateroom.engine.workspace import Workspace
from stateroom.errors import StateroomError
from stateroom.model.pending import PendingOperation
from stateroom.model.resource import Template
from stateroom.model.values import Value
from stateroom.model.version import Intent


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
    snapshot = column.known
    expected, planned = plan_offline(workspace, state, service, column, watch, install=install)
    template = expected.template
    desired = located(planned, template)
    unasked = unasked_parts(template) if workspace.options.offline else {}
    unsettled = _unsettled(column)
    return ServiceComparison(
        service,
        workspace.provider(service),
        desired=with_known_names(template, desired, snapshot.by_id(), unasked) if unasked else desired,
        types={name: item.type for name, item in template.resources.items()},
        records=snapshot.by_id(),
        unasked=unasked,
        sources={name: template.resources[name].properties for name in unasked if name in template.resources},
        unsettled=unsettled,
        not_built=dict.fromkeys(expected.not_built, template.not_built),
        warnings=_warnings(template),
        obstacles=obstacles(
            planned.plan.steps,
            template,
            snapshot.by_id(),
            workspace.provider(service),
            lambda: workspace.home.packages.serves(template.region),
            {name: item.brief for name, item in unsettled.items()},
        ),
    )


def _warnings(template: Template) -> tuple[str, ...]:
    """Return the warnings of a config, without that of a package, which is said beside its functions."""
    reason = template.not_built.partition(": ")[2]
    return tuple(text for text in template.warnings if not reason or reason not in text)


def plan_offline(
    workspace: Workspace,
    state: Callable[[str], StateColumn],
    service: str,
    column: StateColumn,
    watch: Watch,
    *,
    install: bool = True,
) -> tuple[AsRecorded, PlannedService]:
    """Compile a config and plan towards it without a call; what cannot be resolved is an Unresolved in its place.

    Raises:
        StateroomError: the config cannot be compiled.
    """
    snapshot = column.known
    provider = workspace.provider(service)
    found = {name: _outputs(workspace, state, name) for name in workspace.dependencies(service)}
    outputs = {name: value for name, value in found.items() if value is not None}
    declared = cache(workspace.declared_outputs)
    template = compile_with_outputs(
        lambda output: workspace.template(service, watch, install=install, output=output), service, outputs, declared
    )
    expected = as_recorded(template, snapshot.by_id())
    known = Identity(snapshot.account, workspace.region(service)) if snapshot.account else provider.known_identity()
    surroundings = Surroundings(
        provider,
        known,
        outputs,
        look_up=None if workspace.options.offline else workspace.look_up(service),
        declared=declared,
        offline=True,
    )
    return expected, plan_service(expected.template, snapshot.records, surroundings)


def compare_without_config(
    workspace: Workspace, service: str, column: StateColumn, error: StateroomError | None = None
) -> ServiceComparison:
    """Return the comparison of a service without its config, because of `error` or not yet: every X is `?`."""
    why = ""
    if error is not None:
        why = f"{error.what} ({error.where.file.name}:{error.where.line})" if error.where else error.what
    return ServiceComparison(
        service,
        workspace.provider(service),
        desired={},
        types={},
        records=column.known.by_id(),
        without_config=True,
        config_error=why,
        unsettled=_unsettled(column),
    )


def _unsettled(column: StateColumn) -> dict[str, Unsettled]:
    """Return what is not known, by logical id: pending operations, and the open steps of a journal.

    A delete of an old copy says nothing about the resource that has replaced it.
    """
    live = column.known.by_id() if column.leftover or column.snapshot.pending else {}
    running = column.interruption is not None and column.interruption.running
    begun = "has begun and not ended: its outcome is not known yet"
    cut_off = "was cut off: its outcome is not known; any operation first asks the cloud"
    found: dict[str, Unsettled] = {}
    cut = column.leftover
    intents = cut.intents if cut else ()
    steps: tuple[PendingOperation | Intent, ...] = (*column.snapshot.pending, *intents)
    for step in steps:
        record = live.get(step.logical_id)
        if step.action == "delete" and record is not None and record.physical_id != step.physical_id:
            continue
        if isinstance(step, PendingOperation):
            why, brief = step.verdict, "is pending"
        else:
            why, brief = f"{step.action} {begun if running else cut_off}", "is running" if running else "was cut off"
        found[step.logical_id] = Unsettled(step.type, why, f"its {step.action} {brief}")
    return found


def _outputs(workspace: Workspace, state: Callable[[str], StateColumn], service: str) -> dict[str, Value] | None:
    column = state(service)
    here = column.region in ("", workspace.region(service))
    return dict(column.snapshot.outputs) if column.exists and here else None
