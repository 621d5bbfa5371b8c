"""All tables of undeclared children (cloud.children.ChildTables) for AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.errors import explained, is_denied
from stateroom.cloud.aws.reading import read_in_parallel
from stateroom.cloud.aws.undeclared.apis import Methods, Routes, Subscriptions
from stateroom.cloud.aws.undeclared.attributes import GUARDED, attribute_danger
from stateroom.cloud.aws.undeclared.child_list import ALL, ChildList
from stateroom.cloud.aws.undeclared.functions import EventInvokeConfig, FunctionPolicy, FunctionUrl, SubscriptionFilters
from stateroom.cloud.aws.undeclared.policies import BucketPolicy, QueuePolicy, SecretPolicy, TopicPolicy
from stateroom.cloud.children import ChildReading, Exposure, Recorded
from stateroom.cloud.provider import Reading, ReadRequest
from stateroom.errors import CloudError
from stateroom.model.diff import Path
from stateroom.model.values import ABSENT, Value

TABLES: Final[tuple[type[ChildList], ...]] = (
    FunctionPolicy,
    FunctionUrl,
    EventInvokeConfig,
    QueuePolicy,
    TopicPolicy,
    Subscriptions,
    BucketPolicy,
    SecretPolicy,
    SubscriptionFilters,
    Routes,
    Methods,
)
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    table.parent: tuple(other.kind for other in TABLES if other.parent == table.parent) for table in TABLES
}


class AwsChildTables:
    """Children of AWS resources.

    Args:
        clients: where the calls go.
        slots: held during each call, shared with the other reads.
    """

    def __init__(self, clients: Clients, slots: threading.Semaphore) -> None:
        self._clients = clients
        self._slots = slots
        self._tables = {f"{table.parent}/{table.kind}": table(clients) for table in TABLES}

    def kinds(self, type_: str) -> tuple[str, ...]:
        """Return the kinds of children of a type."""
        return _KINDS.get(type_, ())

    def read(
        self,
        resources: Sequence[Recorded],
        cancelled: Callable[[], bool],
        parents: Set[str] | None = None,
    ) -> Iterator[ChildReading]:
        """Yield one reading for each parent and kind: one list call each, in parallel.

        A kind of which declared resources stand for every child is not asked for, and yields nothing to see.
        """
        declared = _Declared(resources)
        asked: dict[str, tuple[Recorded, ChildList, frozenset[str]]] = {}
        requests: list[ReadRequest] = []
        for parent in (item for item in resources if parents is None or item.key in parents):
            for kind in self.kinds(parent.type):
                table = self._tables[f"{parent.type}/{kind}"]
                known = declared.of(table, parent)
                if known >= ALL:
                    yield ChildReading(parent.key, kind)
                    continue
                key = f"{parent.key}\0{kind}"
                asked[key] = (parent, table, known)
                requests.append(ReadRequest(key, f"{parent.type}/{kind}", parent.physical_id, parent.inputs))
        reached = lambda: self._clients.reached  # noqa: E731
        for reading in read_in_parallel(requests, self._tables.get, self._slots, cancelled, reached):
            parent, table, known = asked[reading.key]
            yield _child_reading(parent, table, known, reading)

    def danger(self, type_: str, path: Path, value: Value) -> Exposure | None:
        """Tell what an undeclared child or attribute lets happen; what is gone lets nothing happen."""
        table = self._tables.get(f"{type_}/{path[0]}")
        if table is None:
            return attribute_danger(type_, path, value)
        return None if value is ABSENT else table.danger(str(path[1]), value)

    def guarded(self, type_: str) -> frozenset[str]:
        """Return the properties of a type that are dangerous when somebody sets them undeclared."""
        return frozenset(GUARDED.get(type_, ()))

    def restorable(self, type_: str, kind: str) -> bool:
        """Tell whether a child that was changed or is gone can be put back."""
        return self._tables[f"{type_}/{kind}"].restorable

    def undo(self, parent: Recorded, path: Path, wanted: Value) -> None:
        """Make a child what is wanted; ABSENT takes it away. Raises CloudError."""
        table, identity = self._tables[f"{parent.type}/{path[0]}"], str(path[1])
        with explained(f"could not undo {table.kind} {identity} of {parent.type} {parent.physical_id}"):
            if wanted is ABSENT:
                table.remove(parent, identity)
            else:
                table.put(parent, identity, wanted)


class _Declared:
    """Which children the recorded resources stand for."""

    def __init__(self, resources: Iterable[Recorded]) -> None:
        self._by_type: dict[str, list[Recorded]] = {}
        for resource in resources:
            self._by_type.setdefault(resource.type, []).append(resource)

    def of(self, table: ChildList, parent: Recorded) -> frozenset[str]:
        """Return the identities of a parent's declared children; ALL for every one."""
        if table.is_whole(parent):
            return ALL
        others = (other for type_ in table.stands_for for other in self._by_type.get(type_, ()))
        return frozenset(identity for other in others for identity in table.identities(parent, other))


def _child_reading(parent: Recorded, table: ChildList, known: frozenset[str], reading: Reading) -> ChildReading:
    if reading.error is not None:
        return ChildReading(parent.key, table.kind, unread=_why(table, reading.error))
    found = reading.live.properties if reading.live else {}
    children = {name: value for name, value in found.items() if not table.is_declared(name, value, known)}
    return ChildReading(parent.key, table.kind, children)


def _why(table: ChildList, error: CloudError) -> str:
    """Say what a call that was refused needs, or how else it failed."""
    return f"{table.permission} is not allowed" if is_denied(error.code) else error.why or error.what
