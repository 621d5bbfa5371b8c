"""Compute the steps that turn the recorded state into the target template. Pure: reads nothing, changes nothing.

The same planner serves every operation: deploy leads to the config, rollback to an older version, heal to the state
itself, remove to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stateroom.cloud.provider import Identity, Provider, TypeSchema
from stateroom.config.resources.template import resolve
from stateroom.engine.planning.deletions import delete_with_parents, deletion_steps, old_copy_steps
from stateroom.engine.planning.dependencies import creation_order, dependencies_of, dependents_of, order_steps
from stateroom.engine.planning.physical_names import with_name
from stateroom.engine.records.output_values import resolve_outputs
from stateroom.engine.records.pending_steps import hold_unresolved
from stateroom.engine.records.record_references import Declared, LookUp, RecordReferences, undeclared
from stateroom.model.compare import differences, same
from stateroom.model.diff import Path
from stateroom.model.plan import Action, Change, ServicePlan, Step
from stateroom.model.resource import Record, Resource, Template
from stateroom.model.values import Properties, Value


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Inputs of the planner besides target and records."""

    provider: Provider
    identity: Identity | None
    outputs: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # of the other services
    stages: Mapping[str, str] = field(default_factory=dict)  # of the other services, for errors
    look_up: LookUp | None = None  # dynamic references
    declared: Declared = undeclared  # outputs of the other services' configs
    offline: bool = False


@dataclass(frozen=True, slots=True)
class PlannedService:
    """Steps of one service, and what each wanted resource is to be, by logical id, as far as it is known now."""

    plan: ServicePlan
    inputs: Mapping[str, Properties]


def plan_service(target: Template, records: tuple[Record, ...], surroundings: Surroundings) -> PlannedService:
    """Plan one service: all steps, each after what it waits for. One that needs a value that is not known is held.

    Args:
        target: what should be.
        records: what is recorded, old copies of replacements included.
        surroundings: the rest.

    Raises:
        PlanError: a reference cannot be followed, or resources depend on each other in a circle.
    """
    live = {record.logical_id: record for record in records if not record.condemned}
    uses = {name: dependencies_of(item) for name, item in target.resources.items()}
    dependents = dependents_of(live.values(), uses)
    planning = _Planning(target, live, uses, surroundings)
    for logical_id in creation_order(target.service, uses):
        planning.add(target.resources[logical_id])
    steps = {step.logical_id: step for step in hold_unresolved(tuple(planning.steps.values()), target.where)}
    unchanged = len(target.resources) - len(steps)
    deletions = deletion_steps(target.service, live, target.resources, steps, dependents)
    steps |= {step.logical_id: step for step in deletions}
    steps = delete_with_parents(steps, live, surroundings.provider.schema)
    outputs = resolve_outputs(target, planning.references, strict=not surroundings.offline)
    ordered = order_steps((*steps.values(), *old_copy_steps(target.service, records, steps, dependents)))
    plan = ServicePlan(target.service, ordered, unchanged=unchanged, outputs=outputs, target=target)
    return PlannedService(plan, planning.inputs)


class _Planning:
    """One service while it is planned: resources are added in the order of their creation."""

    def __init__(
        self,
        target: Template,
        records: Mapping[str, Record],
        uses: Mapping[str, tuple[str, ...]],
        surroundings: Surroundings,
    ) -> None:
        self._target = target
        self._records = records
        self._uses = uses
        self._provider = surroundings.provider
        self._pending: set[str] = set()
        self._changing: set[str] = set()
        self.steps: dict[str, Step] = {}  # by logical id; none for what stays as it is
        self.inputs: dict[str, Properties] = {}
        self.references = RecordReferences(
            app=target.app,
            stage=target.stage,
            identity=surroundings.identity,
            records=records,
            outputs=surroundings.outputs,
            stages=surroundings.stages,
            declared=surroundings.declared,
            pending=self._pending,
            changing=self._changing,
            look_up=surroundings.look_up,
            answered_by=surroundings.provider.answered_by,
            offline=surroundings.offline,
            planning=True,
        )

    def add(self, resource: Resource) -> None:
        """Plan one resource. What it uses has been added before."""
        step = self._step_towards(resource)
        if step is not None:
            self.steps[resource.logical_id] = step

    def _desired(self, resource: Resource, record: Record | None = None) -> Properties:
        """Return the resource's properties, named and resolved as far as possible. `record`: what becomes of it."""
        schema = self._provider.schema(resource.type)
        named = with_name(resource, schema, self._target.app, self._target.stage, record)
        resolved: Properties = resolve(named, self.references)
        self.inputs[resource.logical_id] = resolved
        return resolved

    def _step_towards(self, resource: Resource) -> Step | None:
        record = self._records.get(resource.logical_id)
        if record is None:
            self._pending.add(resource.logical_id)
            return self._step(resource, Action.CREATE, inputs=self._desired(resource), reason="not in state")
        if record.type != resource.type:
            self._pending.add(resource.logical_id)
            inputs, reason = self._desired(resource), f"its type was {record.type}"
            return self._step(resource, Action.REPLACE, inputs=inputs, reason=reason, record=record)
        inputs = self._desired(resource, record)
        changes = self._changes(record, inputs)
        if not changes:
            return self._state_only_step(resource, record)
        forcing = [change for change in changes if change.forces_replacement]
        if forcing:
            self._pending.add(resource.logical_id)
            inputs = self._desired(resource)
            reason = f"{'.'.join(map(str, forcing[0].path))} cannot be changed in place"
            return self._step(resource, Action.REPLACE, inputs=inputs, reason=reason, record=record, changes=changes)
        self._changing.add(resource.logical_id)
        return self._step(resource, Action.UPDATE, inputs=inputs, record=record, changes=changes)

    def _state_only_step(self, resource: Resource, record: Record) -> Step | None:
        """Return a step that updates only the record: its retain policy and dependencies."""
        uses = self._uses[resource.logical_id]
        if record.retain == resource.retain and set(record.dependencies) == set(uses):
            return None
        reason = "what it depends on changed"
        if record.retain != resource.retain:
            reason = "DeletionPolicy is now Retain" if resource.retain else "DeletionPolicy is no longer Retain"
        step = self._step(resource, Action.RECORD, inputs=record.inputs, reason=reason, record=record)
        return replace(step, record=replace(record, retain=resource.retain, dependencies=uses))

    def _changes(self, record: Record, inputs: Properties) -> tuple[Change, ...]:
        if same(record.inputs, inputs):
            return ()
        schema = self._provider.schema(record.type)
        before = self._provider.canonical(record.type, record.inputs)
        after = self._provider.canonical(record.type, inputs)
        return tuple(
            Change(path, old, new, forces_replacement=forces_replacement(path, schema))
            for path, old, new in differences(before, after)
        )

    def _step(
        self,
        resource: Resource,
        action: Action,
        *,
        inputs: Properties,
        reason: str = "",
        record: Record | None = None,
        changes: tuple[Change, ...] = (),
    ) -> Step:
        waits_for = tuple(self.steps[name].id for name in self._uses[resource.logical_id] if name in self.steps)
        return Step(
            id=f"{self._target.service}/{resource.logical_id}",
            service=self._target.service,
            logical_id=resource.logical_id,
            type=resource.type,
            action=action,
            reason=reason,
            changes=changes,
            physical_id=record.physical_id if record else "",
            waits_for=waits_for,
            delete_first=action is Action.REPLACE and record is not None and self._collides(record, resource, inputs),
            inputs=inputs,
            previous=record.inputs if record else None,
        )

    def _collides(self, record: Record, resource: Resource, inputs: Properties) -> bool:
        schema = self._provider.schema(resource.type)
        name = schema.name_property
        return record.type == resource.type and bool(name) and same(record.inputs.get(name), inputs.get(name))


def forces_replacement(path: Path, schema: TypeSchema) -> bool:
    """Tell whether a change at `path` requires replacement."""
    return any(_overlaps(path, pattern.split(".")) for pattern in schema.create_only)


def _overlaps(path: Path, pattern: list[str]) -> bool:
    return all(want == "*" or want == str(have) for have, want in zip(path, pattern, strict=False))
