"""Records of operations: who did what when, and which version number it got.

The fields are SST's, and ours beside them: number, user, host, summary.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stateroom import __version__
from stateroom.model.version import Holder, Lock, UpdateSummary, Version
from stateroom.state.names import Names
from stateroom.state.store import Store
from stateroom.state.times import moment_of, parse_time, rfc3339

Body = dict[str, Any]

_READERS = 16
_NEWEST = 3  # more than one, because clocks of machines differ and ids are made of times


@dataclass(frozen=True, slots=True)
class Update:
    """An operation that has begun. `number` is the version that it will write if nobody else is faster."""

    id: str
    app: str
    stage: str
    command: str
    started: datetime
    number: int


class Updates:
    """The update records of a home."""

    def __init__(self, store: Store, names: type[Names] = Names) -> None:
        self._store = store
        self._names = names
        self._finished: dict[str, Body] = {}  # completed records never change, so each is read once

    def begin(self, update: Update, holder: Holder) -> None:
        """Record that an operation has begun."""
        body = _body(update, holder)
        self._store.put(self._names(update.app, update.stage).update(update.id), _dump(body))

    def finish(
        self, update: Update, holder: Holder, summary: UpdateSummary, *, completed: datetime, number: int | None
    ) -> None:
        """Record how it ended. `number` is the version that it wrote, None if it wrote none."""
        body = _body(update, holder)
        body["errors"] = [{"urn": "", "message": f"{name}: {text}"} for name, text in summary.errors] or None
        body["timeCompleted"] = rfc3339(completed)
        body["number"] = number
        body["summary"] = {"created": summary.created, "updated": summary.updated, "deleted": summary.deleted}
        self._store.put(self._names(update.app, update.stage).update(update.id), _dump(body))

    def withdraw(self, update: Update) -> None:
        """Delete the record of an operation that did nothing."""
        self._store.delete(self._names(update.app, update.stage).update(update.id))

    def interrupted(self, names: Names, broken: Lock, by: str) -> None:
        """Add to an operation's record that its lock was broken; what the record says so far stays."""
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

    def read(self, names: Names, update_id: str) -> Body | None:
        """A record, or None when it is missing or unreadable."""
        key = names.update(update_id)
        if key in self._finished:
            return dict(self._finished[key])
        blob = self._store.get(key)
        try:
            body = json.loads(blob.data) if blob else None
        except ValueError:
            return None
        if not isinstance(body, dict):
            return None
        if body.get("timeCompleted"):
            self._finished[key] = dict(body)
        return body

    def completed(self, names: Names, update_id: str) -> bool:
        """Whether the operation got to its end."""
        return bool((self.read(names, update_id) or {}).get("timeCompleted"))

    def versions(self, names: Names) -> tuple[Version, ...]:
        """Every stored version, newest first."""
        ids = self._stored(names)
        with ThreadPoolExecutor(_READERS) as pool:  # in a bucket each record is a call of its own
            bodies = dict(zip(ids, pool.map(lambda item: self.read(names, item) or {}, ids), strict=True))
        numbers = _numbers(bodies)
        newest = max(numbers.values(), default=0)
        ordered = sorted(ids, key=numbers.__getitem__, reverse=True)
        return tuple(_version(item, bodies[item], numbers[item], current=numbers[item] == newest) for item in ordered)

    def last_number(self, names: Names) -> int:
        """The number of the newest version, 0 when there is none. Reads a few records, unless some tell no number."""
        newest = sorted(self._stored(names))[:_NEWEST]
        numbers = [(self.read(names, update_id) or {}).get("number") for update_id in newest]
        recorded = [number for number in numbers if isinstance(number, int) and number > 0]
        if len(recorded) == len(newest):
            return max(recorded, default=0)
        return max(version.number for version in self.versions(names))

    def next_number(self, names: Names) -> int:
        """The number that the next version gets."""
        return self.last_number(names) + 1

    def _stored(self, names: Names) -> list[str]:
        """Ids of the operations that wrote a version."""
        return [key.rsplit("/", 1)[1].removesuffix(names.SUFFIX) for key in self._store.list(names.snapshots)]


def _numbers(bodies: dict[str, Body]) -> dict[str, int]:
    """Version numbers by update id: as recorded; else, for lost or foreign records, the next free one by age."""
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for update_id in sorted(bodies, reverse=True):  # ids descend: the oldest first
        number = bodies[update_id].get("number")
        if isinstance(number, int) and number > 0 and number not in taken:
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


def _version(update_id: str, body: Body, number: int, *, current: bool) -> Version:
    counts = body.get("summary")
    counts = counts if isinstance(counts, dict) else {}
    errors = body.get("errors")
    messages = [item.get("message") for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []
    started = parse_time(body.get("timeStarted")) or moment_of(update_id) or datetime.fromtimestamp(0, UTC)
    return Version(
        number=number,
        update_id=update_id,
        command=str(body.get("command") or "unknown"),
        user=str(body.get("user") or ""),
        started=started,
        completed=parse_time(body.get("timeCompleted")),
        created=_count(counts.get("created")),
        updated=_count(counts.get("updated")),
        deleted=_count(counts.get("deleted")),
        errors=tuple(str(message) for message in messages if message),
        current=current,
    )


def _count(value: object) -> int:
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
