"""Plan an import: adopt objects by their ids, after showing what each has otherwise than the config."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stateroom.cloud.provider import TypeSchema
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.dependencies import creation_order, dependencies_of
from stateroom.engine.planning.deploy import deploy_target
from stateroom.engine.planning.imports.holdings import Holdings, holdings_of
from stateroom.engine.planning.imports.lookup import look_up_object
from stateroom.engine.planning.ownership.adopting import adoption_step, known_inputs
from stateroom.engine.planning.ownership.claims import adopted_because
from stateroom.engine.planning.planner import forces_replacement, plan_service
from stateroom.engine.requests import ImportTarget
from stateroom.errors import PlanError, UsageError
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Live, Resource, Template
from stateroom.model.values import Properties

_FREE = (Claim.OURS, Claim.NOBODY, Claim.UNKNOWN)  # who made the last kind cannot be told; a person has named it


def plan_import(context: PlanningContext) -> ServicePlan:
    """Plan to record the objects of the request as resources of the config, and to tag them as this state's.

    Raises:
        UsageError: there is no such object, or its type cannot be managed.
        PlanError: it is a state's already, another state's or a stack's; or what it is a part of is not in the state.
        ConfigError: the config cannot be compiled.
    """
    target = deploy_target(context)
    held = holdings_of(context.workspace.home)
    for place, why in held.unread.items():
        context.warnings.append(f"{place}: not read, so that it may hold what is imported: {why}")
    steps: list[Step] = []
    records = list(context.records)
    for name, item in _in_order(target, context):  # what refers to another import finds it recorded
        planned = plan_service(target, tuple(records), context.surroundings)
        step = _step(context, target, item, planned.inputs[name], held)
        steps.append(step)
        records += [step.record] if step.record else []
    empty = context.empty_target()
    return ServicePlan(context.service, tuple(steps), outputs=context.snapshot.outputs, target=empty)


def _in_order(target: Template, context: PlanningContext) -> Iterator[tuple[str, ImportTarget]]:
    """Yield (logical id, import) of the service, each after those that it refers to."""
    wanted = {item.what: item for item in context.request.imports}
    uses = {name: dependencies_of(resource) for name, resource in target.resources.items()}
    for name in creation_order(target.service, uses):
        if item := wanted.get(f"{context.service}/{name}"):
            yield name, item


def _step(context: PlanningContext, target: Template, item: ImportTarget, planned: Properties, held: Holdings) -> Step:
    resource = target.resources[item.what.partition("/")[2]]
    schema = context.provider.schema(resource.type)
    _refuse_unmanageable(context, resource)
    planned = _unnamed(planned, resource, schema)
    inputs = known_inputs(planned)
    _refuse_part_of_unknown(resource, planned, inputs, schema)
    live = look_up_object(context.provider, resource, item.physical_id, inputs, context.owner(resource.logical_id))
    if live is None:
        raise UsageError(
            f"there is no {resource.type} {item.physical_id}",
            why=f"{context.identity.region} of account {context.identity.account} was asked for it",
            todo="name it by what CloudFormation's Ref answers for the type: a queue by its URL, a topic by its ARN",
        )
    _refuse_held(context, resource, live, held)
    fixed = {key: value for key, value in live.properties.items() if _identifies(key, schema)}
    ownership = context.provider.whose(
        resource.type, live.physical_id, {**inputs, **fixed}, context.owner(resource.logical_id)
    )
    step = Step("", context.service, resource.logical_id, resource.type, Action.CREATE, inputs=inputs)
    if not _may_take(ownership, item):
        raise _not_free(ownership, resource, live)
    step = adoption_step(context.provider, resource, step, live, adopted_because(ownership))
    changes = tuple(
        replace(change, forces_replacement=forces_replacement(change.path, schema)) for change in step.changes
    )
    if any(change.forces_replacement for change in changes):
        context.warnings.append(
            f"{item.what}: the next deploy would replace it: its config says otherwise what cannot be changed in place"
        )
    return replace(step, changes=changes, owner=ownership)


def _unnamed(planned: Properties, resource: Resource, schema: TypeSchema) -> Properties:
    """Return the properties without a name that only stateroom would have given: the object has its own."""
    derived = schema.name_property if schema.name_property not in resource.properties else ""
    return {key: value for key, value in planned.items() if key != derived}


def _identifies(key: str, schema: TypeSchema) -> bool:
    return key == schema.name_property or key in schema.create_only


def _refuse_unmanageable(context: PlanningContext, resource: Resource) -> None:
    if not context.provider.supports(resource.type):
        raise UsageError(
            f"stateroom cannot manage {resource.type}",
            why="there is no handler for this resource type",
            todo="leave it where it is; what is deployed by other means needs no record",
        )


def _refuse_part_of_unknown(resource: Resource, planned: Properties, inputs: Properties, schema: TypeSchema) -> None:
    """Refuse an object whose place depends on something that is not in the state: a route of an API."""
    unknown = sorted(path for path in schema.create_only if path in planned and path not in inputs)
    if unknown:
        raise PlanError(
            f"{resource.logical_id} cannot be imported yet",
            why=f"its {', '.join(unknown)} refers to what is not in the state",
            todo="import or deploy that first",
        )


def _refuse_held(context: PlanningContext, resource: Resource, live: Live, held: Holdings) -> None:
    names = {live.physical_id, *(value for value in live.properties.values() if _is_arn(value))}
    identity = context.identity
    holder = held.holder(resource.type, names, identity.account, identity.region)
    if holder is not None:
        raise PlanError(
            f"{live.physical_id} is in a state already",
            why=f"as {holder.address}",
            todo=f"stateroom state move takes {holder.logical_id} into another state of this project",
        )


def _is_arn(value: object) -> bool:
    return isinstance(value, str) and value.startswith("arn:")


def _may_take(ownership: Ownership, item: ImportTarget) -> bool:
    return ownership.claim in _FREE or (item.orphan and ownership.claim is not Claim.STACK)


def _not_free(ownership: Ownership, resource: Resource, live: Live) -> PlanError:
    if ownership.claim is Claim.STACK:
        return PlanError(
            f"{live.physical_id} is not imported: the CloudFormation stack {ownership.holder} has it",
            why="what a stack has is taken over by way of the stack only",
            todo="go on with the tool that deployed the stack",
        )
    named = f"{ownership.service} {ownership.resource}".strip()
    return PlanError(
        f"{live.physical_id} is not imported: its tags say that it is another state's",
        why=f"deployed as {named}" + (f" in {ownership.holder}" if ownership.holder else ""),
        todo="stateroom orphans tells whether a state still has it, and --adopt there takes what none has;"
        f" --home opens another home's states ({resource.type})",
    )
