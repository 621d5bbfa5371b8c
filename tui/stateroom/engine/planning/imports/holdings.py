"""What the states of a home hold, all services and stages of it: read without a call to the cloud."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from stateroom.engine.opening.state_loading import StateColumn, load_state
from stateroom.errors import StateroomError
from stateroom.model.resource import Snapshot
from stateroom.state.home import Home

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Holding:
    """Resource in a state."""

    app: str
    stage: str
    logical_id: str
    type: str
    physical_id: str
    account: str = ""
    region: str = ""
    attributes: frozenset[str] = frozenset()  # other texts that name it: its ARN

    @property
    def address(self) -> str:
        """`orders/dev: OrdersQueue`."""
        return f"{self.app}/{self.stage}: {self.logical_id}"

    @property
    def names(self) -> frozenset[str]:
        """Everything that names it in the cloud."""
        return self.attributes | {self.physical_id}


@dataclass(frozen=True, slots=True)
class Holdings:
    """Resources of all states that could be read, and why the others could not."""

    held: tuple[Holding, ...] = ()
    lineages: dict[str, str] = field(default_factory=dict)  # lineage → `orders/dev`
    unread: dict[str, str] = field(default_factory=dict)  # `orders/dev` → why
    busy: dict[str, str] = field(default_factory=dict)  # `orders/dev` → what is under way, and may make something

    def holder(self, type_: str, names: Iterable[str], account: str, region: str) -> Holding | None:
        """Return who has the resource that one of these names means in an account and a region ("": any)."""
        wanted = set(names)
        for item in self.held:
            here = item.account in ("", account) and ("" in (item.region, region) or item.region == region)
            if here and _kind(item.type) == _kind(type_) and item.names & wanted:
                return item
        return None

    def namesake(self, arn: str, app: str, stage: str, logical_id: str) -> Holding | None:
        """Return what may be the resource of an ARN whose type is not known: by the ARN, or by its namesake."""
        for item in self.held:
            if arn in item.names or (item.app, item.stage, item.logical_id) == (app, stage, logical_id):
                return item
        return None


def holdings_of(home: Home, also: Iterable[tuple[str, str]] = ()) -> Holdings:
    """Read every state of a home with what its interrupted operation made; one that cannot be read is told.

    Args:
        home: the home.
        also: (app, stage) of services that may have no state yet, and an operation under way.

    Raises:
        StateError: the home cannot be listed.
    """
    places = tuple(dict.fromkeys((*home.services(), *also)))
    with ThreadPoolExecutor(_THREADS, "states") as pool:
        found = list(pool.map(lambda place: _read(home, *place), places))
    result = Holdings()
    held: list[Holding] = []
    for (app, stage), column in zip(places, found, strict=True):
        if isinstance(column, str):
            result.unread[f"{app}/{stage}"] = column
            continue
        held += _held(column.known)
        if column.known.lineage:
            result.lineages[column.known.lineage] = f"{app}/{stage}"
        if column.interruption is not None or (column.lock is not None and not column.abandoned):
            result.busy[f"{app}/{stage}"] = f"an operation on {app}/{stage} is under way, or was cut off"
    return replace(result, held=tuple(held))


def _kind(type_: str) -> str:
    """Return the type, one for both of those that stand for a domain name of API Gateway's."""
    return type_.replace("ApiGatewayV2", "ApiGateway") if type_.endswith("::DomainName") else type_


def _read(home: Home, app: str, stage: str) -> StateColumn | str:
    try:
        return load_state(home, app, stage)
    except StateroomError as error:
        return ": ".join(line for line in (error.what, error.why) if line)


def _held(snapshot: Snapshot) -> Iterable[Holding]:
    place = snapshot.account, snapshot.region
    where = snapshot.service, snapshot.stage
    for record in snapshot.records:
        attributes = frozenset(value for value in record.observed.values() if _is_arn(value))
        yield Holding(*where, record.logical_id, record.type, record.physical_id, *place, attributes)
    for item in snapshot.pending:
        if item.physical_id:
            yield Holding(*where, item.logical_id, item.type, item.physical_id, *place)


def _is_arn(value: object) -> bool:
    return isinstance(value, str) and value.startswith("arn:")
