"""Lock object of a service and stage, which names its holder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

from stateroom.errors import LockedError, StateConflictError
from stateroom.model.version import Holder, Lock
from stateroom.state.locks.process_table import ProcessTable, is_gone
from stateroom.state.stores.store import Blob, Store
from stateroom.state.timestamps import parse_time, rfc3339

RESET: Final = "stateroom reset"  # the command in the locks of a home that is being reset
_PLACE: Final = {"machine": "machine", "boot": "boot", "namespace": "pidNamespace", "started": "processStarted"}
_TRIES = 5


@contextmanager
def hold(store: Store, key: str, lock: Lock, *, now: datetime, processes: ProcessTable) -> Iterator[Lock]:
    """Hold the lock during a `with` block; releases only its own lock.

    The object has SST's fields, so that an SST client sees it, and ours. It is put with If-None-Match, unlike SST's.

    Raises:
        LockedError: it is held; names the holder, the duration, and the way out.
    """
    etag = _take(store, key, lock, now, processes)
    try:
        yield lock
    finally:
        with suppress(StateConflictError):  # broken meanwhile, and possibly taken again: not ours any more
            store.delete(key, if_match=etag)


def read(store: Store, key: str) -> Lock | None:
    """Return the lock that is held, if any."""
    blob = store.get(key)
    return parse(blob) if blob else None


def take_away(store: Store, key: str, *, only: Callable[[Lock], bool] = lambda _: True) -> Lock | None:
    """Break the held lock and return it; None when there is none or it was just released.

    `only`: whether this one may be broken. What was judged is what is broken, never a lock taken in between.
    """
    blob = store.get(key)
    if blob is None or not only(parse(blob)):
        return None
    try:
        store.delete(key, if_match=blob.etag)
    except StateConflictError:
        return None
    return parse(blob)


def parse(blob: Blob) -> Lock:
    """Parse a lock object. An unreadable one is still a lock, with an unknown holder."""
    try:
        fields = json.loads(blob.data)
    except ValueError:
        fields = {}
    fields = fields if isinstance(fields, dict) else {}
    pid = fields.get("pid")
    holder = Holder(
        user=str(fields.get("user") or "someone"),
        host=str(fields.get("host") or "unknown host"),
        pid=pid if isinstance(pid, int) else 0,
        command=str(fields.get("command") or "unknown command"),
        **{name: str(fields.get(key) or "") for name, key in _PLACE.items()},
    )
    since = parse_time(fields.get("created")) or blob.modified
    return Lock(holder, since, str(fields.get("updateID") or ""))


def is_abandoned(lock: Lock, here: Holder, processes: ProcessTable) -> bool:
    """Tell whether it is certain that the holder's process has ended.

    It is not for another machine, boot or pid namespace, nor for a lock that says less than ours do: SST's, or one of
    an older stateroom.
    """
    return is_gone(lock.holder, here, processes)


def _take(store: Store, key: str, lock: Lock, now: datetime, processes: ProcessTable) -> str:
    for _ in range(_TRIES):
        try:
            return store.put(key, body(lock), if_none_match=True)
        except StateConflictError:
            blob = store.get(key)
            if blob is not None:  # else it was released in between: try again
                raise _refusal(parse(blob), lock.holder, now, processes) from None
    raise LockedError(f"{key} changes hands too fast to be taken", todo="wait a moment and try again")


def body(lock: Lock) -> bytes:
    """Return the bytes of a lock object: SST's fields, and ours."""
    holder = lock.holder
    fields = {
        "created": rfc3339(lock.since),
        "updateID": lock.update_id,
        "runID": "",
        "command": holder.command,
        "user": holder.user,
        "host": holder.host,
        "pid": holder.pid,
        **{key: getattr(holder, name) for name, key in _PLACE.items()},
    }
    return json.dumps(fields).encode()


def _refusal(lock: Lock, here: Holder, now: datetime, processes: ProcessTable) -> LockedError:
    holder = lock.holder
    age = _age((now - lock.since).total_seconds())
    if is_abandoned(lock, here, processes):
        why = f"its process {holder.pid} is gone: the operation was interrupted"
        todo = "run `stateroom unlock`; what it had done is in the journal and will be taken up"
    else:
        process = f"process {holder.pid}" if holder.pid else "it"
        elsewhere = _elsewhere(holder, here)
        why = f"{process} may still be at work" + (
            f", and cannot be looked for from here: {elsewhere}" if elsewhere else ""
        )
        todo = (
            "wait for it; if it is sure that nothing runs any more, `stateroom unlock`: only a person breaks this lock"
        )
    return LockedError(f"locked by {holder.user}@{holder.host} ({holder.command}) for {age}", why=why, todo=todo)


def _elsewhere(holder: Holder, here: Holder) -> str:
    """Say why the processes of this place tell nothing about a holder's; empty when they do."""
    if holder.host == here.host and not (holder.machine and holder.boot and holder.namespace and holder.started):
        return "the lock does not say exactly where it runs"
    if (holder.host, holder.machine) != (here.host, here.machine):
        return "it is another machine's"
    if holder.boot != here.boot:
        return "the machine has booted since, or is another one"
    return "it has a pid namespace of its own (a container)" if holder.namespace != here.namespace else ""


def _age(seconds: float) -> str:
    seconds = max(0, int(seconds))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
