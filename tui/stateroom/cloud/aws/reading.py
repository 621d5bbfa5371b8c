"""Batch reads of many resources: list pages where a handler has them, else single reads on threads."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias

from stateroom.cloud.aws.errors import connection_broke, translate
from stateroom.cloud.provider import Reading, ReadRequest, ResourceData
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import CloudError
from stateroom.model.problems.error_response import error_response
from stateroom.model.resource import Live
from stateroom.model.values import Properties

THREADS: Final = 32
_UNREACHABLE: Final = frozenset({"ConnectTimeoutError", "EndpointConnectionError"})

Job: TypeAlias = Callable[[], None]


class Reader(Protocol):
    """What is read of a type: the part of a Handler that reads, or a table of children."""

    @property
    def batch_from(self) -> int:
        """Return the smallest group for which `read_many` is faster than single reads; 0: never."""

    def read(self, resource: ResourceData) -> Properties | None:
        """Return what there is, or None."""

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield readings from list pages; requests left out are read one by one."""


def read_one(handler: Reader | None, request: ReadRequest) -> Reading:
    """Read one resource; errors are part of the reading."""
    what = f"could not read {request.type} {request.physical_id}"
    if handler is None:
        return Reading(request.key, error=CloudError(what, why="stateroom has no reader for this type yet"))
    try:
        properties = handler.read(request.resource)
    except Exception as error:
        return Reading(request.key, error=translate(error, what, request.inputs))
    return Reading(request.key, None if properties is None else Live(request.physical_id, properties))


def read_in_parallel(
    requests: Sequence[ReadRequest],
    handler_of: Callable[[str], Reader | None],
    slots: threading.Semaphore,
    cancelled: Callable[[], bool],
    reached: Callable[[], bool] = lambda: True,
) -> Iterator[Reading]:
    """Yield readings as they arrive, one for each request unless cancelled.

    Args:
        requests: resources to read.
        handler_of: returns a type's handler; None for unknown types.
        slots: held during each call.
        cancelled: checked between calls; True ends the stream.
        reached: tells whether any call was ever answered. Until then the first call without an endpoint fails all
            remaining ones.
    """
    return _ParallelReader(handler_of, slots, cancelled, reached).read(requests)


class _ParallelReader:
    """State of one `read_in_parallel` call: jobs on daemon threads, answers in a queue.

    Daemon threads do not keep the program from ending when a call hangs in the network.
    """

    def __init__(
        self,
        handler_of: Callable[[str], Reader | None],
        slots: threading.Semaphore,
        cancelled: Callable[[], bool],
        reached: Callable[[], bool],
    ) -> None:
        self._reached = reached
        self._outage: Exception | None = None
        self._handler_of = handler_of
        self._slots = slots
        self._cancelled = cancelled
        self._closed = False
        self._jobs: deque[Job] = deque()
        self._answers: queue.SimpleQueue[Reading] = queue.SimpleQueue()

    def read(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        for group in _groups(requests):
            handler = self._handler_of(group[0].type)
            if handler is not None and 0 < handler.batch_from <= len(group):
                self._jobs.appendleft(self._batch_job(handler, group))  # pages first: they answer for most
            else:
                self._jobs.extend(map(self._single_job, group))
        self._start(len(self._jobs))
        try:
            yield from self._collect(len(requests))
        finally:
            self._closed = True

    def _collect(self, outstanding: int) -> Iterator[Reading]:
        while outstanding and not self._cancelled():
            try:
                reading = self._answers.get(timeout=0.1)
            except queue.Empty:
                continue
            outstanding -= 1
            yield reading

    def _start(self, threads: int) -> None:
        for _ in range(min(threads, THREADS)):
            threading.Thread(target=self._work, name="stateroom-read", daemon=True).start()

    def _work(self) -> None:
        while not self._closed and not self._cancelled():
            try:
                job = self._jobs.popleft()
            except IndexError:
                return
            with self._slots:
                job()

    def _single_job(self, request: ReadRequest) -> Job:
        def job() -> None:
            handler = self._handler_of(request.type)
            if self._outage is None or handler is None:
                reading = read_one(handler, request)
                if reading.error is not None:
                    self._notice(reading.error, reading.error.code)
            else:
                reading = _failed(request, self._outage)
            self._answers.put(reading)

        return job

    def _batch_job(self, handler: Reader, group: list[ReadRequest]) -> Job:
        def job() -> None:
            outstanding = {request.key: request for request in group}
            failure = self._outage or self._drain(handler.read_many(group), outstanding)
            if failure is not None and not _may_work_singly(failure):
                self._notice(failure, type(failure).__name__)
                for request in outstanding.values():
                    self._answers.put(_failed(request, failure))
            elif outstanding:
                # A batch reader leaves out what its pages cannot tell; that is read one by one, in parallel.
                self._jobs.extend(map(self._single_job, outstanding.values()))
                self._start(len(outstanding))

        return job

    def _notice(self, error: Exception, code: str) -> None:
        if code in _UNREACHABLE and self._outage is None and not self._reached():
            self._outage = error

    def _drain(self, readings: Iterator[Reading], outstanding: dict[str, ReadRequest]) -> Exception | None:
        try:
            for reading in readings:
                if self._closed or self._cancelled():
                    return None
                if reading.live is None and reading.error is None:
                    continue  # listings lag: what one leaves out is gone only when a read of its own says so
                if outstanding.pop(reading.key, None) is not None:
                    self._answers.put(reading)
        except Exception as error:
            return error
        return None


def _groups(requests: Sequence[ReadRequest]) -> list[list[ReadRequest]]:
    """Group requests that one batch may answer: of one type and, for children, of one parent."""
    groups: dict[tuple[str, Any], list[ReadRequest]] = {}
    for request in requests:
        parent = facts(request.type).schema.children_of
        groups.setdefault((request.type, str(request.inputs.get(parent)) if parent else ""), []).append(request)
    return list(groups.values())


def _failed(request: ReadRequest, error: Exception) -> Reading:
    what = f"could not read {request.type} {request.physical_id}"
    if isinstance(error, CloudError):  # another resource's
        return Reading(request.key, error=CloudError(what, why=error.why, todo=error.todo, code=error.code))
    return Reading(request.key, error=translate(error, what, request.inputs))


def _may_work_singly(error: Exception) -> bool:
    """Tell whether single reads may work after a listing's error: yes if forbidden, no without endpoint."""
    return error_response(error) is not None or connection_broke(error)
