"""Outputs of a service after a run: what the state keeps, and what could not be resolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stateroom.config.resources.template import References, resource_ids
from stateroom.engine.records.output_values import resolve_outputs, stored_outputs, unresolved_outputs
from stateroom.errors import PlanError
from stateroom.model.plan import Operation
from stateroom.model.resource import Template
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """Outputs after a run.

    Args:
        values: of the target, for the services that need them; an Unresolved where one is not known.
        stored: what the state keeps; an output that is not resolved keeps its previous value.
        errors: (name, error) of each that the cloud's answers do not tell.
        notes: of those that depend on a step that was not done.
    """

    values: Mapping[str, Value]
    stored: Mapping[str, Value]
    errors: tuple[tuple[str, PlanError], ...] = ()
    notes: tuple[str, ...] = ()


def outputs_after(
    operation: Operation,
    target: Template,
    references: References,
    before: Mapping[str, Value],
    undone: Collection[str],
) -> RunOutputs:
    """Resolve the outputs after a run.

    Args:
        operation: refresh, accept and import leave outputs as they are; only deploy and roll back report unresolved
            ones.
        target: with the outputs.
        references: to the records after the run.
        before: outputs of the state before.
        undone: logical ids of the steps that failed or were skipped; what depends on them has its error already.
    """
    if operation in (Operation.REFRESH, Operation.ACCEPT, Operation.IMPORT):
        return RunOutputs(before, dict(before))
    values = resolve_outputs(target, references)
    stored = stored_outputs(values, before)
    errors, notes = [], []
    for name, error in unresolved_outputs(target, values):
        missing = sorted(resource_ids(target.outputs[name].value) & set(undone))
        if missing:
            kept = "keeps its previous value" if name in stored else "has no value"
            notes.append(f"output {name} {kept}: {', '.join(missing)} was not done")
        elif operation in (Operation.DEPLOY, Operation.ROLLBACK):
            errors.append((name, error))
    failed = {name for name, _ in errors}
    told = {name: value if name in failed else stored.get(name, value) for name, value in values.items()}
    return RunOutputs(told, stored, tuple(errors), tuple(notes))
