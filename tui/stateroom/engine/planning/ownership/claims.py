"""Plan for resources that exist already: adopt what is this state's, refuse what is somebody else's.

A create is planned for what no state record stands for. Before it stays in the plan, the provider is asked whether such
a resource exists, and whose it is. Only what is ours goes on by itself; the rest becomes a refusal with the way out,
or an adoption when the user named it. Deletes and updates of recorded resources are checked the other way round: one
that another state or a stack claims by its tags is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from stateroom.cloud.provider import Owner, Provider
from stateroom.engine.planning.ownership.adopting import adoption_step, beside, known_inputs
from stateroom.engine.planning.ownership.refusal import NEVER_ADOPTED
from stateroom.engine.records.pending_steps import held, hold_dependents
from stateroom.errors import CloudError
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Live, Record, Template
from stateroom.model.values import contains_unknown

T = TypeVar("T")

_LOG_GROUP: Final = "AWS::Logs::LogGroup"
_FUNCTION: Final = "AWS::Lambda::Function"
_THREADS: Final = 16


@dataclass(frozen=True, slots=True)
class _Met:
    """What a create would meet."""

    ownership: Ownership
    live: Live


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a service's resources belong to, and what the user agreed to take over.

    Args:
        provider: the cloud.
        owner: logical id → owner in this state.
        records: records of the state by logical id.
        adopt: logical ids that the user named to be taken over.
        lost: whether the state holds nothing, so that tags of its own home tell of one that was lost.
        home: the home as tags name it.
        warn: told of what could not be looked for.
    """

    provider: Provider
    owner: Callable[[str], Owner]
    records: Mapping[str, Record]
    adopt: frozenset[str] = frozenset()
    lost: bool = False
    home: str = ""
    warn: Callable[[str], None] = lambda _: None

    def settle(self, target: Template, planned: Iterable[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """Adoptions and refusals for those creates of a plan whose resource exists.

        What cannot be looked for stays a create: its own call says what it meets, and takes over nothing.
        """
        creates = [_as_known(step) for step in planned if self._may_meet(step)]
        adoptions: list[Step] = []
        refusals: list[Step] = []
        for step, found in zip(creates, _together(self._meets, creates), strict=True):
            if isinstance(found, CloudError):
                self.warn(f"{step.logical_id}: whether it exists could not be asked: {_in_a_line(found)}")
            elif found is not None and step.action is Action.CREATE and self._may_take(step, found.ownership):
                adoptions.append(self._adoption(target, step, found.ownership, found.live))
            elif found is not None:
                refusals.append(self._refusal(step, found.ownership, found.live))
        return tuple(adoptions), tuple(refusals)

    def contested(self, plan: ServicePlan) -> ServicePlan:
        """Refuse the steps of a plan that change or delete what others claim by now.

        Where it cannot be asked who does, the step is left alone, and the rest of the plan goes on.
        """
        touched = [step for step in plan.steps if _touches(step)]
        answers = {step.id: answer for step, answer in zip(touched, _together(self._rival, touched), strict=True)}
        steps = tuple(_answered(step, answers.get(step.id)) for step in plan.steps)
        return hold_dependents(replace(plan, steps=steps))

    def _may_meet(self, step: Step) -> bool:
        """Whether the step makes something whose identity is known now: its name, or all that it consists of.

        What is part of a resource that is yet to be made cannot exist.
        """
        makes = step.action is Action.CREATE or (step.action is Action.REPLACE and not step.delete_first)
        if not makes or not isinstance(step.inputs, Mapping):
            return False
        schema = self.provider.schema(step.type)
        fixed = {path.split(".")[0] for path in schema.create_only}
        if schema.name_property in step.inputs:
            return not any(contains_unknown(value) for key, value in step.inputs.items() if key in fixed)
        return not contains_unknown(step.inputs)

    def _meets(self, step: Step) -> _Met | CloudError | None:
        """Return what the step's create would meet, or why that cannot be asked."""
        try:
            ownership = self.provider.ownership(step.type, step.inputs, self.owner(step.logical_id))
            if ownership is None or (step.action is Action.REPLACE and self._is_the_old_one(step, ownership)):
                return None
            live = self.provider.read(step.type, ownership.physical_id, step.inputs)
        except CloudError as error:
            return error
        return None if live is None else _Met(ownership, live)

    def _rival(self, step: Step) -> Ownership | CloudError | None:
        """Return who else claims what the step touches, or why that cannot be asked."""
        record = self.records.get(step.logical_id)
        if record is None or record.physical_id != step.physical_id:
            return None
        owner = self.owner(step.logical_id)
        # A record that was moved here from another state still bears that one's tags.
        owner = replace(owner, lineage=record.lineage or owner.lineage)
        try:
            return self.provider.contested(record.type, record.physical_id, record.inputs, owner)
        except CloudError as error:
            return error

    def _is_the_old_one(self, step: Step, ownership: Ownership) -> bool:
        return ownership.claim is Claim.OURS or ownership.physical_id == step.physical_id

    def _may_take(self, step: Step, ownership: Ownership) -> bool:
        if ownership.claim is Claim.OURS:
            return True
        if ownership.claim in NEVER_ADOPTED:
            return False
        if ownership.claim in (Claim.STATE, Claim.UNMARKED) and self.lost and ownership.holder == self.home:
            return True  # the state that made it stood here, and is gone
        if ownership.claim is Claim.NOBODY and self._goes_with_ours(step):
            return True
        if ownership.claim is Claim.UNKNOWN and step.type == _LOG_GROUP and self._goes_with_ours(step):
            return True  # a stack's would bear its tags
        return step.logical_id in self.adopt

    def _goes_with_ours(self, step: Step) -> bool:
        """Tell a part of a resource of this state, and the log group of a function of this state."""
        if step.type == _LOG_GROUP:
            name = dict(step.inputs).get("LogGroupName") if isinstance(step.inputs, Mapping) else None
            return any(
                record.type == _FUNCTION and name == f"/aws/lambda/{record.physical_id}"
                for record in self.records.values()
            )
        parent = self.provider.schema(step.type).children_of
        value = step.inputs.get(parent) if parent and isinstance(step.inputs, Mapping) else None
        return bool(value) and any(
            value in (record.physical_id, record.observed.get("Arn")) for record in self.records.values()
        )

    def _adoption(self, target: Template, step: Step, ownership: Ownership, live: Live) -> Step:
        resource = target.resources[step.logical_id]
        adopted = adoption_step(self.provider, resource, step, live, adopted_because(ownership))
        return replace(adopted, owner=ownership)

    def _refusal(self, step: Step, ownership: Ownership, live: Live) -> Step:
        return replace(
            step,
            action=Action.REFUSE,
            reason=why(ownership),
            changes=beside(self.provider, step, live),
            physical_id=ownership.physical_id,
            owner=ownership,
        )


def why(ownership: Ownership) -> str:
    """Say in a line whose an existing resource is."""
    held = f" in {ownership.holder}" if ownership.holder else ""
    return {
        Claim.OURS: "exists, and bears this state's tags",
        Claim.STATE: f"exists: deployed as {ownership.service} from another state{held}",
        Claim.RENAMED: f"exists: this state has it as {ownership.resource}, and two cannot have one name",
        Claim.UNMARKED: f"exists: tagged as {ownership.service} by an older stateroom; not in this state",
        Claim.STACK: f"exists: part of the CloudFormation stack {ownership.holder}",
        Claim.NOBODY: "exists: no tag and no stack says whose it is",
        Claim.UNKNOWN: "exists: who made it cannot be told",
    }[ownership.claim]


def adopted_because(ownership: Ownership) -> str:
    """Say in a line why an existing resource is taken over."""
    if ownership.claim is Claim.OURS:
        return "exists, and bears this state's tags"
    return f"{why(ownership)}; taken over as it is"


def _as_known(step: Step) -> Step:
    """Return the step with only those inputs that are known before anything is made."""
    return replace(step, inputs=known_inputs(step.inputs))


def _answered(step: Step, answer: Ownership | CloudError | None) -> Step:
    """Return the step as the answer to whose its resource is leaves it."""
    if isinstance(answer, CloudError):
        return held(step, f"whose it is could not be asked: {_in_a_line(answer)}")
    return step if answer is None else replace(step, action=Action.REFUSE, reason=why(answer), owner=answer)


def _in_a_line(error: CloudError) -> str:
    return ": ".join(text for text in (error.what, error.why) if text)


def _touches(step: Step) -> bool:
    """Whether the step changes or deletes what the state has a record of."""
    touches = step.action in (Action.UPDATE, Action.REPLACE, Action.DELETE)
    return touches and not step.deleted_with and bool(step.physical_id)


def _together(ask: Callable[[Step], T], steps: list[Step]) -> list[T]:
    """Answers for all steps, in their order; several are asked at once."""
    if len(steps) < 2:
        return [ask(step) for step in steps]
    with ThreadPoolExecutor(min(_THREADS, len(steps)), "ownership") as pool:
        return list(pool.map(ask, steps))
