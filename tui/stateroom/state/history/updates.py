"""Update records of operations: user, host, times, summary and version number.

The fields are SST's, and our own: number, user, host, summary.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stateroom import __version__
from stateroom.model.version import Holder, Lock, UpdateSummary, Version
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Store
from stateroom.state.timestamps import parse_time, rfc3339

Body = dict[str, Any]

_READERS = 16
_NEWEST = 3  # more than one, because clocks of machines differ and ids are made of times


@dataclass(frozen=True, slots=True)
class Update:
    """Operation that has begun. `number` is that of the version that it writes, once known."""

    id: str
    app: str
    stage: str
    command: str
    started: datetime
    number: int = 0


class Updates:
    """Update records of a home."""

    def __init__(self, store: Store, names: type[ObjectNames] = ObjectNames) -> None:
        self._store = store
        self._names = names
        self._finished: dict[str, Body] = {}  # completed records never change, so each is read once
        self._alone: dict[tuple[str, str], int | None] = {}  # newest numbers, where only we write
        self._counting = threading.Lock()

    @contextmanager
    def alone(self, names: ObjectNames) -> Iterator[None]:
        """Count versions at most once during a `with` block, in which nobody else writes any."""
        key = names.app, names.stage
        self._alone[key] = None
        try:
            yield
        finally:
            self._alone.pop(key, None)

    def begin(self, update: Update, holder: Holder) -> None:
        """Write the record of an operation that begins."""
        body = _body(update, holder)
        self._store.put(self._names(update.app, update.stage).update(update.id), _dump(body))

    def finish(
        self, update: Update, holder: Holder, summary: UpdateSummary, *, completed: datetime, number: int | None
    ) -> None:
        """Write an operation's end. `number` is the version that it wrote, None if it wrote none."""
        body = _body(update, holder)
        body["errors"] = [{"urn": "", "message": f"{name}: {text}"} for name, text in summary.errors] or None
        body["timeCompleted"] = rfc3339(completed)
        body["number"] = number
        body["summary"] = {"created": summary.created, "updated": summary.updated, "deleted": summary.deleted}
        self._store.put(self._names(update.app, update.stage).update(update.id), _dump(body))
        if number and (update.app, update.stage) in self._alone:
            self._alone[update.app, update.stage] = max(number, self._alone[update.app, update.stage] or 0)

    def withdraw(self, update: Update) -> None:
        """Delete the record of an operation without effect."""
        self._store.delete(self._names(update.app, update.stage).update(update.id))

    def interrupted(self, names: ObjectNames, broken: Lock, by: str) -> None:
        """Note in an operation's record that its lock was broken, and by whom."""
        body = self.read(names, broken.update_id) or {
            "id": broken.update_id,
            "version": __version__,
            "command": broken.holder.command,
            "timeStarted": rfc3339(broken.since),
        }
        errors = body.get("errors")
        message = f"interrupted; its lock was broken by {by}"
        body["errors"] = [*(errors if isinstance(errors, list) else []), {"urn": "", "message": message}]
        self._store.put(names.update(broken.update_id), _dump(body))

    def read(self, names: ObjectNames, update_id: str) -> Body | None:
        """Return a record, or None when it is missing or unreadable."""
        key = names.update(update_id)
        if key in self._finished:
            return dict(self._finished[key])
        blob = self._store.get(key)
        try:
            body = json.loads(blob.data) if blob else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict):
            return None
        if body.get("timeCompleted"):
            self._finished[key] = dict(body)
        return body

    def completed(self, names: ObjectNames, update_id: str) -> bool:
        """Tell whether the operation completed."""
        return bool((self.read(names, update_id) or {}).get("timeCompleted"))

    def read_many(self, names: ObjectNames, update_ids: Iterable[str]) -> dict[str, Body]:
        """Return records by id; empty ones for those that are missing or unreadable."""
        ids = list(update_ids)
        with ThreadPoolExecutor(_READERS) as pool:  # in a bucket each record is a call of its own
            return dict(zip(ids, pool.map(lambda item: self.read(names, item) or {}, ids), strict=True))

    def numbers(self, names: ObjectNames, stored: Sequence[str], newest: int | None = None) -> dict[str, int]:
        """Version numbers by id.

        Args:
            names: keys of the service and stage.
            stored: ids of all operations that wrote a version, newest first.
            newest: only those of the newest so many. Numbers count on from the last that a record tells, so more
                records are read until there is one: other tools write none.
        """
        end = len(stored) if newest is None else min(newest, len(stored))
        bodies = self.read_many(names, stored[:end])
        while 0 < end < len(stored) and not _number(bodies[stored[end - 1]]):
            further = self.read_many(names, stored[end : 2 * end + _READERS])
            end += len(further)
            bodies |= further
        told = [number for body in bodies.values() if (number := _number(body))]
        if told and len(stored) - end >= min(told):  # too few are left for the others: two pasts were put together
            bodies |= self.read_many(names, stored[end:])
        numbers = _numbers(bodies)
        return {update_id: numbers[update_id] for update_id in stored[:newest]}

    def last_number(self, names: ObjectNames) -> int:
        """Return the number of the newest version, 0 without one; usually reads a few records only."""
        key = names.app, names.stage
        with self._counting:
            known = self._alone.get(key)
            if known is None:
                known, _ = self.newest(names)
                if key in self._alone:
                    self._alone[key] = known
        return known

    def newest(self, names: ObjectNames) -> tuple[int, str]:
        """Return number and id of the newest version; (0, "") without one.

        By number: ids follow the beginnings of operations and the clocks of their machines, not the order of writing.
        """
        stored = sorted(names.id_in(key) for key in self._store.list(names.snapshots))
        numbers = self.numbers(names, stored, _NEWEST)
        return max(((number, update_id) for update_id, number in numbers.items()), default=(0, ""))

    def next_number(self, names: ObjectNames) -> int:
        """Return the number of the next version."""
        return self.last_number(names) + 1


def _numbers(bodies: dict[str, Body]) -> dict[str, int]:
    """Return version numbers by update id.

    As recorded; for lost or foreign records the next free number by age.
    """
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for update_id in sorted(bodies, reverse=True):  # ids descend: the oldest first
        number = _number(bodies[update_id])
        if number and number not in taken:
            numbers[update_id] = number
            taken.add(number)
    previous = 0
    for update_id in sorted(bodies, reverse=True):
        number = numbers.get(update_id, previous + 1)
        while update_id not in numbers and number in taken:
            number += 1
        numbers[update_id] = previous = number
        taken.add(number)
    return numbers


def version_of(update_id: str, body: Body, moment: datetime, number: int, *, current: bool) -> Version:
    """Return the version that an operation recorded. `moment`: its time, if the record has none."""
    counts = body.get("summary")
    errors = body.get("errors")
    messages = [item.get("message") for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []
    return Version(
        number=number,
        update_id=update_id,
        command=str(body.get("command") or "unknown"),
        user=user_of(body),
        started=parse_time(body.get("timeStarted")) or moment,
        completed=parse_time(body.get("timeCompleted")),
        created=_count(counts, "created"),
        updated=_count(counts, "updated"),
        deleted=_count(counts, "deleted"),
        errors=tuple(str(message) for message in messages if message),
        current=current,
        counted=isinstance(counts, dict),
    )


def user_of(body: Body) -> str:
    """Return the user of an operation. SST records only the Console run of a deploy."""
    run = body.get("runID")
    return str(body.get("user") or (f"run {run}" if run else ""))


def _number(body: Body) -> int:
    number = body.get("number")
    return number if isinstance(number, int) and number > 0 else 0


def _count(counts: object, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if isinstance(value, int) else 0


def _body(update: Update, holder: Holder) -> Body:
    return {
        "id": update.id,
        "version": __version__,
        "command": update.command,
        "errors": None,
        "timeStarted": rfc3339(update.started),
        "number": update.number,
        "user": holder.user,
        "host": holder.host,
    }


def _dump(body: Body) -> bytes:
    return json.dumps(body).encode()
