"""Journal of a running operation: durable before a step begins, queued after it ends.

Entries are stored in segments, `<prefix>00000001.json` and so on, each a new object that is never changed. One thread
writes; entries that arrive while a segment is being written go into the next one together, so that a hundred steps that
end at once cost one write or two (group commit).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Final, TypedDict

from stateroom.errors import StateError
from stateroom.model.resource import Record, Snapshot
from stateroom.model.version import Intent
from stateroom.state.history import journal_entries
from stateroom.state.history.updates import Update
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.stores.store import Store

_LINGER: Final = 0.05  # seconds


class JournalHeader(TypedDict):
    """Header of every journal segment: operation and its steps, place and lineage, etag of the state it began from."""

    update: str
    command: str
    base: str | None
    account: str
    region: str
    lineage: str
    steps: int
    settles: bool


def journal_header(
    update: Update, base_etag: str | None, snapshot: Snapshot | None, steps: int, *, settles: bool
) -> JournalHeader:
    """Make the header of an operation's journal.

    Args:
        update: the operation.
        base_etag: of the state that it began from.
        snapshot: place and lineage of the state that it works on.
        steps: of its plan.
        settles: whether the state that it stores says of every open step how it ended, or that it is pending.
    """
    return JournalHeader(
        update=update.id,
        command=update.command,
        base=base_etag,
        account=snapshot.account if snapshot else "",
        region=snapshot.region if snapshot else "",
        lineage=snapshot.lineage if snapshot else "",
        steps=steps,
        settles=settles,
    )


class Journal:
    """Journal writer of an operation. Its methods are thread-safe.

    A store that fails makes every later call raise StateError: an operation that cannot write its journal must not
    begin another step.

    Args:
        store: where.
        prefix: of the segments' keys; ends with a slash.
        header: what every segment repeats.
        cipher: encrypts secrets, as the state's own cipher does.
    """

    def __init__(self, store: Store, prefix: str, header: JournalHeader, cipher: Cipher) -> None:
        self._store = store
        self._prefix = prefix
        self._header = header
        self._cipher = cipher
        self._condition = threading.Condition()
        self._queue: list[journal_entries.Entry] = []
        self._queued = 0
        self._durable = 0
        self._error: Exception | None = None
        self._closing = False
        self._waiting = False  # somebody waits for what is queued
        self._thread: threading.Thread | None = None
        self.keys: list[str] = []  # of the segments that were written, oldest first

    def intend(self, intents: Sequence[Intent]) -> None:
        """Write that steps are about to run. Durable on return."""
        if intents:
            self._wait(self._append([journal_entries.intended(intent, self._cipher) for intent in intents]))

    def identified(self, step: str, physical_id: str) -> None:
        """Queue the physical id of the resource that a step is creating."""
        self._append([journal_entries.identified(step, physical_id)])

    def done(self, step: str, *, record: Record | None, deleted: str | None = None) -> None:
        """Queue the result of a step.

        `deleted` is the address of what is gone: a logical id, or `<logical id>#<physical id>` for a condemned copy.
        """
        self._append([journal_entries.done(step, record, deleted, self._cipher)])

    def failed(self, step: str, message: str) -> None:
        """Queue that the cloud rejected a step, so that nothing is pending for it."""
        self._append([journal_entries.failed(step, message)])

    def flush(self) -> None:
        """Wait until everything that was queued is durable."""
        self._wait(self._queued)

    def seal(self) -> None:
        """End without waiting: what is queued is on its way, and nothing can be added."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()

    def close(self) -> None:
        """Flush and stop. The journal's objects stay until the home clears them."""
        try:
            self.flush()
        finally:
            self.seal()
            if self._thread:
                self._thread.join()

    def _append(self, items: list[journal_entries.Entry]) -> int:
        with self._condition:
            self._raise_error()
            if self._closing:
                raise StateError("the journal is closed")
            self._queue += items
            self._queued += len(items)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
                self._thread.start()
            self._condition.notify_all()
            return self._queued

    def _wait(self, ticket: int) -> None:
        with self._condition:
            self._waiting = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._error or self._durable >= ticket)
            self._raise_error()

    def _raise_error(self) -> None:
        if self._error:
            why, todo = type(self._error).__name__, ""
            if isinstance(self._error, StateError):
                why = ": ".join(line for line in (self._error.what, self._error.why) if line)
                todo = self._error.todo
            raise StateError(
                "the journal cannot be written",
                why=why,
                todo=f"nothing new was begun; {todo or 'make the home writable'}, and run the command again",
            ) from self._error

    def _write_all(self) -> None:
        sequence = 0
        while batch := self._next_batch():
            sequence += 1
            self.keys.append(f"{self._prefix}{sequence:08d}.json")
            try:
                self._store.put(self.keys[-1], self._segment(batch), if_none_match=True)
            except Exception as error:
                # Any error must reach the callers that wait for the segment.
                with self._condition:
                    self._error = error
                    self._condition.notify_all()
                return
            with self._condition:
                self._durable += len(batch)
                self._condition.notify_all()

    def _next_batch(self) -> list[journal_entries.Entry]:
        with self._condition:
            self._condition.wait_for(lambda: self._queue or self._closing)
            # What ended and what its end lets begin go out together; what nobody waits for is written soon after.
            self._condition.wait_for(lambda: self._waiting or self._closing, timeout=_LINGER)
            batch, self._queue, self._waiting = self._queue, [], False
            return batch

    def _segment(self, batch: list[journal_entries.Entry]) -> bytes:
        return json.dumps({**self._header, "salt": self._cipher.salt, "entries": batch}).encode()
