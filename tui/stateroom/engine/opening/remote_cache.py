"""Cache of remote values with a short lifetime, for configs that are compiled several times in a row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Final

from stateroom.config.resources.dynamic_references import with_answers
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.remote import Remote
from stateroom.engine.records.record_references import LookUp
from stateroom.errors import PlanError, StateroomError
from stateroom.model.remote import RemoteAnswer, RemoteRequest, RemoteValues
from stateroom.model.values import Value

_SECONDS: Final = 60.0  # long enough to look at a plan and agree to it


class CachedRemoteValues:
    """RemoteValues (model.remote) that requests each value once, also from several threads.

    Missing and unreadable values are not cached. The cache is in memory only.
    """

    def __init__(self, values: RemoteValues, clock: Callable[[], float] = time.monotonic) -> None:
        self._values = values
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[RemoteRequest, tuple[float, RemoteAnswer]] = {}  # since when, and what
        self._asked: dict[RemoteRequest, Future[RemoteAnswer]] = {}

    def forget(self) -> None:
        """Drop all values, including those being requested."""
        with self._lock:
            self._known, self._asked = {}, {}

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        """Return answers to all requests."""
        wanted = dict.fromkeys(requests)
        with self._lock:
            found = {one: self._known[one][1] for one in wanted if self._is_fresh(one)}
            others = {one: self._asked[one] for one in wanted if one not in found and one in self._asked}
            mine: dict[RemoteRequest, Future[RemoteAnswer]]
            mine = {one: Future() for one in wanted if one not in found and one not in others}
            self._asked.update(mine)
        if mine:
            found.update(self._ask(mine))
        found.update({one: future.result() for one, future in others.items()})
        return {one: found[one] for one in wanted}

    def _is_fresh(self, request: RemoteRequest) -> bool:
        return request in self._known and self._clock() - self._known[request][0] < _SECONDS

    def _ask(self, mine: Mapping[RemoteRequest, Future[RemoteAnswer]]) -> Mapping[RemoteRequest, RemoteAnswer]:
        try:
            answers = self._values.read(list(mine))
        except BaseException as error:
            for one, future in mine.items():
                self._over(one, future)
                future.set_exception(error)
            raise
        for one, future in mine.items():
            self._over(one, future, answers[one])
            future.set_result(answers[one])
        return answers

    def _over(self, request: RemoteRequest, future: Future[RemoteAnswer], answer: RemoteAnswer = None) -> None:
        with self._lock:
            if self._asked.get(request) is not future:
                return  # everything was forgotten meanwhile
            del self._asked[request]
            if answer is not None and not isinstance(answer, StateroomError):
                self._known[request] = (self._clock(), answer)


def look_up_with(values: RemoteValues, region: str) -> LookUp:
    """Return the lookup of dynamic references with parts that only the deploy knows."""

    def look_up(text: str) -> Value:
        remote = Remote(values)
        try:
            return with_answers(text, region, lambda request, shown: remote.read(request, shown, tuple))
        except ExpressionError as error:
            raise PlanError(str(error), todo=error.todo) from None

    return look_up
