"""Outputs that a config declares and the state does not have, each with the reason. Asks no cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stateroom.config.compile_options import Watch
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.outputs import ServiceOutputs
from stateroom.engine.records.output_values import unresolved_outputs
from stateroom.engine.survey.config_column import plan_offline
from stateroom.engine.workspace import Workspace
from stateroom.errors import StateroomError


def add_declared(
    found: ServiceOutputs,
    workspace: Workspace,
    state: Callable[[str], StateColumn],
    column: StateColumn,
) -> ServiceOutputs:
    """Add what the config declares to the outputs of a deployed service; a config that cannot be read is a problem."""
    if not column.exists:
        return found
    try:
        template, planned = plan_offline(workspace, state, found.service, column, Watch(), install=False)
    except StateroomError as error:
        return replace(found, config_problem="; ".join(error.lines()))
    unresolved = {name: error.lines() for name, error in unresolved_outputs(template, planned.plan.outputs or {})}
    waiting = tuple(name for name in template.outputs if name not in found.ours and name not in unresolved)
    return replace(found, unresolved=unresolved, undeployed=waiting)
