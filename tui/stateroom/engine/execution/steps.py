"""Execute one step: resolve its values, call the provider, make the new record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from stateroom.cloud.provider import Owner, Provider, Task
from stateroom.config.resources.template import resolve
from stateroom.engine.planning.dependencies import dependencies_of
from stateroom.engine.planning.physical_names import with_name
from stateroom.engine.records.pending_steps import may_not_run, pending_reason
from stateroom.engine.records.record_map import store
from stateroom.engine.records.record_references import RecordReferences
from stateroom.engine.records.undeclared.baseline import nothing_undeclared, without_foreign_tags, without_guarded
from stateroom.engine.records.undeclared.changes import as_recorded
from stateroom.errors import PlanError
from stateroom.model.compare import mask_like, same
from stateroom.model.ownership import Claim
from stateroom.model.pending import PendingOperation
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Live, Record, Resource, Template
from stateroom.model.values import Properties
from stateroom.model.version import Intent


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect of a finished step on the state."""

    record: Record | None = None  # now recorded under its logical id
    removed: tuple[str, ...] = ()  # addresses that are gone
    unchanged: bool = False  # nothing had to be done after all


@dataclass(frozen=True, slots=True)
class Prepared:
    """Step with resolved values, ready to be announced and started."""

    step: Step
    intent: Intent | None  # None: no API call will be made, so there is nothing to announce
    task: Task[Effect]


@dataclass(slots=True)
class StepContext:
    """Service of a step. `records` is changed only by the scheduler."""

    provider: Provider
    target: Template
    references: RecordReferences
    records: dict[str, Record]  # by address: a logical id, or `<logical id>#<physical id>` for an old copy
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    lineage: str = ""  # of the state that the records belong to
    home: str = ""  # the home as tags name it
    pending: Mapping[str, PendingOperation] = field(default_factory=dict)  # by logical id

    def apply(self, effect: Effect) -> None:
        """Take a finished step's effect into the records."""
        for address in effect.removed:
            self.records.pop(address, None)
        if effect.record is not None:
            store(self.records, effect.record)

    def held_back(self, step: Step) -> str:
        """Say why a step is left alone; "" for one that runs."""
        pending = self.pending.get(step.logical_id)
        if pending is not None and (step.action is Action.PENDING or may_not_run(step)):
            return pending_reason(pending)
        return step.reason if step.action is Action.PENDING else ""

    def prepare(self, step: Step) -> Prepared:
        """Resolve the step's values against what exists now.

        Raises:
            PlanError: a reference leads to something that does not exist.
        """
        if step.action is Action.FORGET:
            return Prepared(step, None, _done(Effect(removed=(step.logical_id,))))
        if step.action is Action.REFUSE:
            raise PlanError(f"{step.logical_id} is not this state's", why=step.reason, todo="plan again")
        if step.action is Action.ADOPT and step.record is not None and step.owner is not None:
            return self._prepare_adoption(step, step.record)
        if step.action in (Action.RECORD, Action.ADOPT):
            return Prepared(step, None, _done(Effect(record=step.record)))
        if step.action is Action.DELETE:
            return self._prepare_delete(step)
        if step.action is Action.REVERT:
            return Prepared(step, None, self._revert(step))
        return self._prepare_apply(step, self.target.resources[step.logical_id])

    def _prepare_adoption(self, step: Step, record: Record) -> Prepared:
        """Mark a resource as this state's; one whose type bears no tags is only recorded."""
        record = replace(record, lineage=self.lineage)
        if step.owner is None or step.owner.claim is not Claim.OURS:
            record = replace(record, adopted=self._now())
        what = (step.id, step.logical_id, step.type, "adopt", record.physical_id)
        intent = Intent(*what, record.inputs, record.dependencies, record.adopted)
        return Prepared(step, intent, self._adopt(record))

    def _adopt(self, record: Record) -> Task[Effect]:
        tags = self.provider.schema(record.type).tags_property
        if tags:
            inputs = {**record.inputs, tags: record.observed.get(tags) or []}  # those of others stay
            owner = self._owner(record.logical_id)
            yield from self.provider.update(record.type, record.physical_id, inputs, inputs, frozenset({tags}), owner)
        return Effect(record=record)

    def _prepare_delete(self, step: Step) -> Prepared:
        old_copy = f"{step.logical_id}#{step.physical_id}"
        # A replacement may turn out to be the very object it replaces; then there is no old copy, and the living one
        # must not be taken for it.
        address = old_copy if step.id.endswith(f"/{old_copy}") else step.logical_id
        record = self.records.get(address)
        if record is None or record.physical_id != step.physical_id:
            return Prepared(step, None, _done(Effect(unchanged=True)))
        if step.deleted_with:
            return Prepared(step, None, _done(Effect(removed=(address,))))
        intent = Intent(step.id, step.logical_id, step.type, "delete", record.physical_id, record.inputs)
        return Prepared(step, intent, _delete(self.provider, record, address))

    def _prepare_apply(self, step: Step, resource: Resource) -> Prepared:
        schema = self.provider.schema(resource.type)
        current = self.records.get(resource.logical_id)
        living = current if step.action is Action.UPDATE else None
        named = with_name(resource, schema, self.target.app, self.target.stage, living)
        inputs = self._resolved(replace(resource, properties=named))
        draft = Record(
            logical_id=resource.logical_id,
            type=resource.type,
            physical_id="",
            inputs=inputs,
            observed={},
            dependencies=dependencies_of(resource),
            reader_version=schema.reader_version,
            retain=resource.retain,
        )
        if step.action is Action.UPDATE:
            return self._prepare_update(step, draft, current)
        physical_id = current.physical_id if current else ""
        intent = Intent(step.id, step.logical_id, step.type, step.action.value, physical_id, inputs, draft.dependencies)
        old = current if step.action is Action.REPLACE and step.delete_first else None
        return Prepared(step, intent, self._create(draft, old))

    def _resolved(self, resource: Resource) -> Properties:
        """Return the properties with what exists now. Raises PlanError with the resource's file and line."""
        try:
            inputs: Properties = resolve(resource.properties, self.references)
        except PlanError as error:
            where = error.where or self.target.where(resource.logical_id, ())
            raise PlanError(error.what, why=error.why, todo=error.todo, where=where) from None
        return inputs

    def _prepare_update(self, step: Step, draft: Record, current: Record | None) -> Prepared:
        if current is None:
            raise PlanError(
                f"{step.logical_id} is not in state any more",
                why="the plan was made when it was",
                todo="plan again",
            )
        previous: Properties = step.previous if step.previous is not None else current.inputs
        changed = self._changed(step.type, previous, draft.inputs)
        if not changed:
            kept = replace(current, inputs=draft.inputs, dependencies=draft.dependencies, retain=draft.retain)
            return Prepared(step, None, _done(Effect(record=kept, unchanged=True)))
        intent = Intent(
            step.id, step.logical_id, step.type, "update", current.physical_id, draft.inputs, draft.dependencies
        )
        return Prepared(step, intent, self._update(draft, current, previous, changed))

    def _changed(self, type_: str, before: Properties, after: Properties) -> frozenset[str]:
        """Return the top-level properties that have to be written."""
        if same(before, after):
            return frozenset()
        left, right = self.provider.canonical(type_, before), self.provider.canonical(type_, after)
        keys = {
            key for key in {*left, *right} if key not in left or key not in right or not same(left[key], right[key])
        }
        return frozenset(keys)

    def _owner(self, logical_id: str) -> Owner:
        return Owner(self.target.app, self.target.stage, logical_id, self.lineage, self.home)

    def _create(self, draft: Record, old: Record | None) -> Task[Effect]:
        removed: tuple[str, ...] = ()
        if old is not None:
            yield from self.provider.delete(old.type, old.physical_id, old.inputs)
            removed = (old.logical_id,)
        live = yield from self.provider.create(draft.type, draft.inputs, self._owner(draft.logical_id))
        now = self._now()
        children = nothing_undeclared(draft.type, self.provider.children)
        made = replace(draft, lineage=self.lineage, children=children)
        return Effect(record=_recorded(made, live, created=now, modified=now), removed=removed)

    def _update(self, draft: Record, current: Record, previous: Properties, changed: frozenset[str]) -> Task[Effect]:
        tags = self.provider.schema(draft.type).tags_property
        marked = current.lineage == self.lineage or not tags
        written = changed if marked else changed | {tags}  # made before the state had a lineage
        live = yield from self.provider.update(
            draft.type, current.physical_id, draft.inputs, previous, written, self._owner(draft.logical_id)
        )
        made = replace(draft, lineage=self.lineage, adopted=current.adopted, children=current.children)
        properties = without_guarded(current, draft.inputs, live.properties, self.provider.children)
        if tags in changed:
            properties = without_foreign_tags(current, draft.inputs, properties, tags)
        live = replace(live, properties=properties)
        return Effect(record=_recorded(made, live, created=current.created, modified=self._now()))

    def _revert(self, step: Step) -> Task[Effect]:
        """Undo what nobody declared. The state says nothing of it, so that nothing is to be recorded or announced."""
        current = self.records.get(step.logical_id)
        if current is None or current.physical_id != step.physical_id:
            return Effect(unchanged=True)
        tables = self.provider.children
        kinds = tables.kinds(step.type)
        properties = frozenset(str(change.path[0]) for change in step.changes if change.path[0] not in kinds)
        if properties:
            owner = self._owner(step.logical_id)
            inputs, previous = step.inputs, step.previous
            yield from self.provider.update(step.type, step.physical_id, inputs, previous, properties, owner)
        for change in step.changes:
            if change.path[0] in kinds:
                tables.undo(as_recorded(step.id, current), change.path, change.after)
        return Effect()

    def _now(self) -> str:
        return self.clock().isoformat().replace("+00:00", "Z")


def _recorded(draft: Record, live: Live, *, created: str, modified: str) -> Record:
    observed = mask_like(live.properties, draft.inputs)
    return replace(draft, physical_id=live.physical_id, observed=observed, created=created, modified=modified)


def _delete(provider: Provider, record: Record, address: str) -> Task[Effect]:
    yield from provider.delete(record.type, record.physical_id, record.inputs)
    return Effect(removed=(address,))


def _done(effect: Effect) -> Task[Effect]:
    yield from ()
    return effect
