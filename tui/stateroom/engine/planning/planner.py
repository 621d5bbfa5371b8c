"""Compute the steps that turn the recorded state into the target template.

Pure: reads nothing, changes nothing. The same planner serves every operation: deploy targets the config, rollback an
older version, heal the state itself, remove an empty target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from stateroom.cloud.provider import Identity, Provider, TypeSchema
from stateroom.config.resources.template import resolve, resource_ids
from stateroom.engine.planning.parent_deletes import delete_with_parents
from stateroom.engine.planning.physical_names import with_name
from stateroom.engine.planning.record_references import LookUp, RecordReferences
from stateroom.errors import PlanError
from stateroom.model.compare import differences, same
from stateroom.model.diff import Path
from stateroom.model.graph import CycleError, reversed_graph, topological_order
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
    offline: bool = False


def dependencies_of(resource: Resource) -> tuple[str, ...]:
    """Return the logical ids that the resource refers to or names in DependsOn."""
    return tuple(dict.fromkeys((*sorted(resource_ids(resource.properties)), *resource.depends_on)))


def creation_order(service: str, uses: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Sort logical ids so that each comes after its dependencies.

    Raises:
        PlanError: resources refer to each other in a circle.
    """
    try:
        return topological_order(uses)
    except CycleError as cycle:
        raise PlanError(
            f"{service}: resources depend on each other in a circle",
            why=str(cycle),
            todo="remove one of the references",
        ) from None


class ServicePlanner:
    """Planner of one service. Use once: `ServicePlanner(target, records, surroundings).plan()`."""

    def __init__(self, target: Template, records: tuple[Record, ...], surroundings: Surroundings) -> None:
        self._target = target
        self._all_records = records
        self._records = {record.logical_id: record for record in records if not record.condemned}
        self._provider = surroundings.provider
        self._uses = {name: dependencies_of(item) for name, item in target.resources.items()}
        self._pending: set[str] = set()
        self._changing: set[str] = set()
        self._steps: dict[str, Step] = {}  # by logical id; creates, updates, replacements and deletes
        self._unchanged = 0
        self.inputs: dict[str, Properties] = {}  # what each resource should be, filled by plan()
        self.references = RecordReferences(
            app=target.app,
            stage=target.stage,
            identity=surroundings.identity,
            records=self._records,
            outputs=surroundings.outputs,
            stages=surroundings.stages,
            pending=self._pending,
            changing=self._changing,
            look_up=surroundings.look_up,
            offline=surroundings.offline,
        )

    def plan(self) -> ServicePlan:
        """Return all steps, each after its dependencies.

        Raises:
            PlanError: a reference cannot be followed, or resources depend on each other in a circle.
        """
        dependents = reversed_graph(self._dependencies())
        for logical_id in creation_order(self._target.service, self._uses):
            step = self._step_towards(self._target.resources[logical_id])
            if step:
                self._steps[logical_id] = step
            else:
                self._unchanged += 1
        self._plan_deletions(dependents)
        outputs = {name: resolve(output.value, self.references) for name, output in self._target.outputs.items()}
        steps = (*self._steps.values(), *self._old_copies(dependents))
        return ServicePlan(
            self._target.service, _ordered(steps), unchanged=self._unchanged, outputs=outputs, target=self._target
        )

    def _desired(self, resource: Resource) -> Properties:
        """Return the resource's properties, named and resolved as far as possible."""
        schema = self._provider.schema(resource.type)
        named = with_name(resource, schema, self._target.app, self._target.stage)
        resolved: Properties = resolve(named, self.references)
        self.inputs[resource.logical_id] = resolved
        return resolved

    def _dependencies(self) -> dict[str, set[str]]:
        """Return the dependencies of recorded and wanted resources together, for safe ordering."""
        graph = {record.logical_id: set(record.dependencies) for record in self._records.values()}
        for logical_id, uses in self._uses.items():
            graph.setdefault(logical_id, set()).update(uses)
        return graph

    def _step_towards(self, resource: Resource) -> Step | None:
        record = self._records.get(resource.logical_id)
        if record is None:
            self._pending.add(resource.logical_id)
            return self._step(resource, Action.CREATE, inputs=self._desired(resource), reason="not in state")
        inputs = self._desired(resource)
        if record.type != resource.type:
            self._pending.add(resource.logical_id)
            reason = f"its type was {record.type}"
            return self._step(resource, Action.REPLACE, inputs=inputs, reason=reason, record=record)
        changes = self._changes(record, inputs)
        if not changes:
            return self._noted(resource, record)
        forcing = [change for change in changes if change.forces_replacement]
        if forcing:
            self._pending.add(resource.logical_id)
            reason = f"{_dotted(forcing[0].path)} cannot be changed in place"
            return self._step(resource, Action.REPLACE, inputs=inputs, reason=reason, record=record, changes=changes)
        self._changing.add(resource.logical_id)
        return self._step(resource, Action.UPDATE, inputs=inputs, record=record, changes=changes)

    def _noted(self, resource: Resource, record: Record) -> Step | None:
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
        waits_for = tuple(self._steps[name].id for name in self._uses[resource.logical_id] if name in self._steps)
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

    def _plan_deletions(self, dependents: Mapping[str, set[str]]) -> None:
        for logical_id, record in reversed(self._records.items()):
            if logical_id in self._target.resources:
                continue
            waits_for = tuple(self._steps[name].id for name in sorted(dependents[logical_id]) if name in self._steps)
            self._steps[logical_id] = Step(
                id=f"{self._target.service}/{logical_id}",
                service=self._target.service,
                logical_id=logical_id,
                type=record.type,
                action=Action.FORGET if record.retain else Action.DELETE,
                reason="kept in the cloud: DeletionPolicy is Retain" if record.retain else "gone from config",
                physical_id=record.physical_id,
                waits_for=waits_for,
                previous=record.inputs,
            )
        self._steps = delete_with_parents(self._steps, self._records, self._provider.schema)

    def _old_copies(self, dependents: Mapping[str, set[str]]) -> Iterator[Step]:
        """Yield deletes of old copies, of this plan's replacements or of an interrupted run's."""
        for logical_id, step in self._steps.items():
            if step.action is Action.REPLACE and not step.delete_first:
                users = [self._steps[name].id for name in sorted(dependents[logical_id]) if name in self._steps]
                yield _old_copy(step.service, self._records[logical_id], waits_for=(step.id, *users))
        for record in self._all_records:
            if record.condemned:
                users = [
                    self._steps[name].id
                    for name in sorted(dependents.get(record.logical_id, ()))
                    if name in self._steps
                ]
                yield _old_copy(self._target.service, record, waits_for=tuple(users))


def _old_copy(service: str, record: Record, *, waits_for: tuple[str, ...]) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}#{record.physical_id}",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=Action.DELETE,
        reason="replaced",
        physical_id=record.physical_id,
        waits_for=waits_for,
        previous=record.inputs,
    )


def forces_replacement(path: Path, schema: TypeSchema) -> bool:
    """Tell whether a change at `path` requires replacement."""
    return any(_overlaps(path, pattern.split(".")) for pattern in schema.create_only)


def _overlaps(path: Path, pattern: list[str]) -> bool:
    return all(want == "*" or want == str(have) for have, want in zip(path, pattern, strict=False))


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _ordered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    by_id = {step.id: step for step in steps}
    return tuple(by_id[name] for name in topological_order({step.id: step.waits_for for step in steps}))


def only_targets(plan: ServicePlan, wanted: frozenset[str] | None) -> ServicePlan:
    """Return the plan limited to the wanted logical ids and their dependencies."""
    if wanted is None:
        return plan
    by_id = {step.id: step for step in plan.steps}
    keep: set[str] = set()
    todo = [step.id for step in plan.steps if step.logical_id in wanted]
    while todo:
        name = todo.pop()
        if name not in keep and name in by_id:
            keep.add(name)
            todo.extend(by_id[name].waits_for)
    steps = tuple(
        replace(step, waits_for=tuple(item for item in step.waits_for if item in keep))
        for step in plan.steps
        if step.id in keep
    )
    return replace(plan, steps=steps, skipped=len(plan.steps) - len(steps), outputs_change=False)
