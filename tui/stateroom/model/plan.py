"""Plans: the ordered steps that an operation would take. Data only; nothing here runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from stateroom.model.diff import Path
from stateroom.model.ownership import Ownership
from stateroom.model.problems.problem import Problem
from stateroom.model.values import UNREAD, Value, first_unresolved
from stateroom.model.version import Past

if TYPE_CHECKING:
    from stateroom.model.resource import Record, Template
    from stateroom.model.version import VersionName


class Operation(StrEnum):
    """What the user asked for."""

    DEPLOY = "deploy"
    REFRESH = "refresh"
    HEAL = "heal"
    ACCEPT = "accept"
    REMOVE = "remove"
    ROLLBACK = "rollback"
    IMPORT = "import"
    RECOVER = "recover"  # what is left of an interrupted operation


class Action(StrEnum):
    """What one step does."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"  # exists in the cloud and is ours: take it into state
    FORGET = "forget"  # drop it from state, leave the cloud alone
    RECORD = "record"  # take the cloud's values into state
    REFUSE = "refuse"  # not this state's, or not deployable as the config says: the plan does not run
    REVERT = "revert"  # undo in the cloud what nobody declared
    PENDING = "pending"  # what became of an earlier step is not known: nothing is done about it, the rest goes on

    @property
    def glyph(self) -> str:
        """The sign that Terraform and Pulumi users know."""
        return _GLYPHS[self]

    @property
    def writes_cloud(self) -> bool:
        """Whether the step calls an API that changes something."""
        return self in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.REVERT)

    @property
    def destroys(self) -> bool:
        """Whether the step removes something from the cloud."""
        return self in (Action.REPLACE, Action.DELETE, Action.REVERT)


_GLYPHS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.ADOPT: "=",
    Action.FORGET: "<",
    Action.RECORD: "*",
    Action.REFUSE: "!",
    Action.REVERT: "^",
    Action.PENDING: "?",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute that a step changes. `after` may be UNKNOWN: known after deploy.

    `cloud` is what the cloud has while the plan is made; UNREAD where it was not asked, or does not tell. It is shown
    and never decides a step. An attribute that is written again as it was has equal `before` and `after`.
    """

    path: Path
    before: Value
    after: Value
    forces_replacement: bool = False
    cloud: Value = UNREAD
    undeclared: bool = False  # neither config nor state speaks of it
    danger: str = ""  # what it lets happen, if that is dangerous


@dataclass(frozen=True, slots=True)
class Step:
    """One action on one resource.

    `id` is unique in the plan (`orders/OrdersQueue`, `orders/OrdersQueue#delete`); `waits_for` names step ids of the
    same service.
    """

    id: str
    service: str
    logical_id: str
    type: str
    action: Action
    reason: str = ""
    changes: tuple[Change, ...] = ()
    physical_id: str = ""  # of what exists now
    waits_for: tuple[str, ...] = ()
    delete_first: bool = False  # a replacement whose name collides: delete, then create
    deleted_with: str = ""  # step id of the parent whose deletion takes this resource along
    inputs: Value = None  # what must be so afterwards, as far as it is known now; None for delete and forget
    previous: Value = None  # update and replace: what is believed to be set before
    record: Record | None = None  # record and adopt: what goes into state
    owner: Ownership | None = None  # adopt and refuse: whose the resource is now
    problems: tuple[Problem, ...] = ()  # refuse: what is wrong with it in the config
    kept: tuple[Change, ...] = ()  # drift that the step leaves alone: `after` is what the cloud has
    unread: str = ""  # why the cloud's values of what would be overwritten are not known


@dataclass(frozen=True, slots=True)
class CloudLook:
    """What the planning of a service read of the cloud, in resources.

    Args:
        read: how many answered, those that are missing included.
        unread: how many could not be asked.
        differing: of those read, how many are missing or differ in what the state sets.
        outside: of those read, how many differ in nothing but what the config does not set.
    """

    read: int = 0
    unread: int = 0
    differing: int = 0
    outside: int = 0

    def __add__(self, other: CloudLook) -> CloudLook:
        """Add up the looks of two services."""
        return CloudLook(
            self.read + other.read,
            self.unread + other.unread,
            self.differing + other.differing,
            self.outside + other.outside,
        )


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """The steps of one service, and which services must be done first."""

    service: str
    steps: tuple[Step, ...] = ()
    waits_for: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: int = 0  # left out by --target
    outputs: Value = None  # outputs as far as they are known now
    outputs_change: bool = False  # the state's outputs have to be written even if there is no step
    settles: bool = False  # so has what became of interrupted or pending steps
    base: str = ""  # token of the state that the plan was made from; execution refuses another
    target: Template | None = None  # what the steps lead to; their values are resolved again as they run
    note: str = ""
    stage: str = ""
    unresolved: tuple[tuple[str, tuple[str, ...]], ...] = ()  # outputs that the records do not tell: (name, lines)
    look: CloudLook | None = None  # what was read of the cloud for it; None: nothing was
    account: str = ""
    region: str = ""
    lineage: str = ""  # of the state that the plan was made from; "" before its first operation
    targeted: frozenset[str] = frozenset()  # logical ids that targets of the request name in it
    past: Past | None = None  # what a remove clears of the home besides the state

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not self.steps and not self.outputs_change and not self.settles and self.past is None


@dataclass(frozen=True, slots=True)
class DeferredService:
    """Service that can be planned only when others are deployed: their outputs are needed to compile it."""

    service: str
    after: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class BootstrapPart:
    """Part of a home that a first deploy makes in the account, besides the resources.

    Args:
        role: what it is for: "states", "packages", "passphrase".
        kind: "parameter", "bucket", or "keyring entry" of this machine.
        name: its name, decided with the plan.
        region: where it will be.
        versioned: whether it will keep versions.
    """

    role: str
    kind: str
    name: str
    region: str
    versioned: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation would do, for every service it touches."""

    operation: Operation
    services: tuple[ServicePlan, ...]
    warnings: tuple[str, ...] = ()
    version: VersionName | None = None  # rollback: to which version
    bootstrap: tuple[BootstrapPart, ...] = ()  # of the home: made before the first step
    targets: tuple[str, ...] = ()  # addresses that it is limited to; empty: everything of its services
    attributes: tuple[Path, ...] = ()  # of the target, that it is limited to; empty: all
    project_services: int = 0  # how many services the project has; 0: not known
    deferred: tuple[DeferredService, ...] = ()  # planned after this plan has run

    def steps(self) -> Iterator[Step]:
        """All steps, service by service."""
        for service in self.services:
            yield from service.steps

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return all(service.empty for service in self.services)

    @property
    def unresolved(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Outputs that cannot be resolved as things are: (service.name, lines of the error)."""
        return tuple(item for service in self.services for item in service.unresolved)

    @property
    def waiting(self) -> tuple[Step, ...]:
        """Steps that are left alone because a value in them could not be found out."""
        held = (step for step in self.steps() if step.action is Action.PENDING)
        return tuple(step for step in held if first_unresolved(step.inputs))

    @property
    def look(self) -> CloudLook | None:
        """What was read of the cloud for all services; None unless it was read for each."""
        looks = [service.look for service in self.services]
        known = [look for look in looks if look is not None]
        return sum(known, CloudLook()) if known and len(known) == len(looks) else None

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages of the services that something is done to, each once; of all services when nothing is done."""
        touched = [service for service in self.services if not service.empty] or self.services
        return tuple(dict.fromkeys(service.stage for service in touched))

    @property
    def stage(self) -> str:
        """`dev`, or `dev, prod` when services have different stages."""
        return ", ".join(self.stages)

    def names_stage(self, text: str) -> bool:
        """Whether a text that somebody typed names exactly the stages that the plan is for, in any order."""
        return sorted(text.replace(",", " ").split()) == sorted(self.stages)

    @property
    def destroys(self) -> bool:
        """Whether anything in the cloud would be deleted or replaced, or a service's past cleared."""
        return any(step.action.destroys for step in self.steps()) or any(item.past for item in self.services)

    @property
    def writes_cloud(self) -> bool:
        """Whether any step changes the cloud."""
        return any(step.action.writes_cloud for step in self.steps())

    @property
    def refused(self) -> tuple[Step, ...]:
        """Steps that keep the plan from running: it belongs to somebody else, or the config says what cannot be."""
        return tuple(step for step in self.steps() if step.action is Action.REFUSE)

    def counts(self) -> Counter[Action]:
        """How many steps of each action."""
        return Counter(step.action for step in self.steps())
