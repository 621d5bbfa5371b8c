"""Build the step that takes a resource which exists into the state, with what it has otherwise than the config."""

from __future__ import annotations

from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.dependencies import dependencies_of
from stateroom.engine.records.adoption import adopted_inputs
from stateroom.model.compare import differences, mask_like
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Live, Record, Resource
from stateroom.model.values import Properties, contains_unknown


def adoption_step(provider: Provider, resource: Resource, step: Step, live: Live, reason: str) -> Step:
    """Return a step that takes over what was read, in the place of one that would have made it.

    Args:
        provider: the cloud.
        resource: the config's.
        step: names resource and inputs, as far as these are known (`with_known_inputs`).
        live: the reading.
        reason: why it may be taken.
    """
    observed = mask_like(live.properties, step.inputs)
    record = Record(
        logical_id=step.logical_id,
        type=step.type,
        physical_id=live.physical_id,
        inputs=adopted_inputs(step.type, step.inputs, observed, provider),
        observed=observed,
        dependencies=dependencies_of(resource),
        retain=resource.retain,
        reader_version=provider.schema(step.type).reader_version,
    )
    return replace(
        step,
        id=f"{step.service}/{step.logical_id}@adopt",
        action=Action.ADOPT,
        reason=reason,
        changes=beside(provider, step, live),
        physical_id=live.physical_id,
        waits_for=(),
        record=record,
    )


def beside(provider: Provider, step: Step, live: Live) -> tuple[Change, ...]:
    """Return what config and cloud have differently, of the properties that the config sets."""
    there = provider.as_declared(step.type, step.inputs, mask_like(live.properties, step.inputs))
    wanted = provider.canonical(step.type, step.inputs)
    return tuple(Change(path, old, new, cloud=old) for path, old, new in differences(there, wanted))


def known_inputs(inputs: Properties) -> Properties:
    """Return only those properties that are known before anything is made."""
    return {key: value for key, value in inputs.items() if not contains_unknown(value)}
