"""Budgets of one account and region: each call waits for its turn, whichever thread makes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from stateroom.cloud.budgets.table import Rate, rates_of
from stateroom.cloud.budgets.telling import Wait, tell
from stateroom.cloud.budgets.token_bucket import TokenBucket

_WORTH_TELLING: Final = 0.5  # seconds

_shared: dict[tuple[str, str], Budgets] = {}
_shared_lock = threading.Lock()


class Budgets:
    """Buckets, one a rate, made on first use. Thread-safe.

    Args:
        clock: a steady clock in seconds.
        sleep: waits.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[Rate, TokenBucket] = {}
        self._lock = threading.Lock()

    def wait(self, service: str, operation: str) -> None:
        """Wait until a call may be sent."""
        turns = [(bucket.reserve(), bucket) for bucket in self._of(service, operation)]
        if not turns:
            return
        seconds, bucket = max(turns, key=lambda turn: turn[0])
        if seconds >= _WORTH_TELLING:
            tell(Wait(f"waiting for the API limit of {bucket.rate.name}", seconds))
        if seconds > 0:
            self._sleep(seconds)

    def refused(self, service: str, operation: str) -> None:
        """Slow down: AWS has refused a call as one too many."""
        for bucket in self._of(service, operation):
            bucket.refused()

    def _of(self, service: str, operation: str) -> list[TokenBucket]:
        with self._lock:
            return [
                self._buckets.setdefault(rate, TokenBucket(rate, self._clock)) for rate in rates_of(service, operation)
            ]


def shared_budgets(profile: str, region: str) -> Budgets:
    """Return this process's budgets of an account, as its profile names it, in a region."""
    with _shared_lock:
        return _shared.setdefault((profile, region), Budgets())
