"""Load the state that a run starts from, under its lock; take in and store what an interrupted operation left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Identity, Provider
from stateroom.engine.opening.state_loading import load_state
from stateroom.engine.records.record_map import by_address, in_dependency_order
from stateroom.engine.records.recovery import recover
from stateroom.errors import PlanError
from stateroom.model.plan import Operation, ServicePlan
from stateroom.model.resource import Snapshot, Template
from stateroom.model.version import UpdateSummary
from stateroom.state.home import Home


@dataclass(frozen=True, slots=True)
class BaseState:
    """The state that a run starts from, under its lock. `etag` is None when nothing is stored."""

    snapshot: Snapshot
    etag: str | None


def load_base(
    plan: ServicePlan,
    target: Template,
    home: Home,
    provider: Provider,
    identity: Identity | None,
    note: Callable[[str], None],
) -> BaseState:
    """Load the state; what an interrupted operation left is taken in, told with `note`, and stored first.

    The cloud is asked about what is pending; what became of it is stored with the rest of the run. Journals that hold
    nothing any more are deleted.

    Raises:
        PlanError: the state is not the one that the plan was made from.
        StateError: it cannot be read or written.
    """
    column = load_state(home, target.app, target.stage, even_damaged=plan.base.startswith("damaged:"))
    if plan.base != column.token:
        raise PlanError(
            f"{plan.service}: the state has changed since the plan was made",
            why="another operation finished in between",
            todo="plan again; nothing was changed",
        )
    for update_id in column.spent:
        home.clear_journal(target.app, target.stage, update_id)
    recovered = recover(column.snapshot, column.leftover, provider)
    for text in recovered.notes:
        note(text)
    if column.leftover is None:
        return BaseState(recovered.snapshot, column.etag)
    update = home.begin(target.app, target.stage, Operation.RECOVER.value)
    ordered = replace(
        with_place(recovered.snapshot, identity), records=in_dependency_order(by_address(recovered.snapshot.records))
    )
    stored = home.commit(ordered, expected=column.etag, update=update, summary=UpdateSummary())
    home.clear_journal(target.app, target.stage, column.leftover.update_id)
    return BaseState(stored.snapshot, stored.etag)


def with_place(snapshot: Snapshot, identity: Identity | None) -> Snapshot:
    """Return the snapshot with account and region of this run's calls."""
    return replace(snapshot, account=identity.account, region=identity.region) if identity else snapshot
