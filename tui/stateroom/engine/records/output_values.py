"""Outputs of a service, resolved one by one, so that one that cannot be resolved takes no other along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.config.resources.template import References, resolve, resource_ids
from stateroom.errors import ConfigError, PlanError, SourceLocation, StateroomError
from stateroom.model.resource import Output, Template
from stateroom.model.values import ABSENT, Unresolved, Value, first_unresolved


def resolve_outputs(target: Template, references: References, *, strict: bool = False) -> dict[str, Value]:
    """Resolve a target's outputs; one that cannot be resolved is an Unresolved with the reason.

    Raises:
        ConfigError: if `strict`, an output is written wrongly; with its file and line.
    """
    return {name: _resolved(output, references, strict=strict) for name, output in target.outputs.items()}


def _resolved(output: Output, references: References, *, strict: bool) -> Value:
    try:
        return resolve(output.value, references)
    except StateroomError as error:
        if strict and isinstance(error, ConfigError):
            raise ConfigError(error.what, why=error.why, todo=error.todo, where=error.where or output.source) from None
        return Unresolved(": ".join(line for line in (error.what, error.why) if line), error.todo)


def stored_outputs(outputs: Mapping[str, Value], before: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a state can hold: an output that is not resolved keeps its value of `before`, or is left out."""
    kept = {name: before.get(name, ABSENT) if first_unresolved(value) else value for name, value in outputs.items()}
    return {name: value for name, value in kept.items() if value is not ABSENT}


def unresolved_outputs(target: Template, outputs: Mapping[str, Value]) -> Iterator[tuple[str, PlanError]]:
    """Yield (name, error) of each output that is not resolved; the error names service, output, file and line."""
    for name, value in outputs.items():
        problem = first_unresolved(value)
        if problem is not None:
            what = f"the output {name} of {target.service} is not resolved"
            yield name, PlanError(what, why=problem.why, todo=problem.todo, where=_source(target, name))


def _source(target: Template, name: str) -> SourceLocation | None:
    """Return where an output is declared; for a generated one, where what it refers to comes from."""
    output = target.outputs.get(name)
    if output is None or output.source is not None:
        return output.source if output else None
    used = (target.resources.get(logical_id) for logical_id in sorted(resource_ids(output.value)))
    return next((resource.source for resource in used if resource is not None and resource.source is not None), None)
