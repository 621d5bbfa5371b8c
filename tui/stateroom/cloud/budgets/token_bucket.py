"""Token bucket that lends: a caller is told how long to wait for its turn, and slows down when AWS refuses calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from stateroom.cloud.budgets.table import Rate

SHARE: Final = 0.9  # of the published rate: others of the account call as well, and clocks are not AWS's
_SLOWER: Final = 0.7  # of the pace, after a refusal
_SLOWEST: Final = 0.1
_RECOVERY: Final = 0.02  # of the full pace, a second
_ONE_REFUSAL: Final = 1.0  # seconds in which several refusals say the same


class TokenBucket:
    """Tokens of one rate. Thread-safe.

    Args:
        rate: what AWS takes.
        clock: a steady clock in seconds.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._burst = max(1.0, rate.burst * SHARE)
        self._tokens = self._burst
        self._pace = 1.0
        self._at = self._slowed = clock()
        self._refused = False

    @property
    def per_second(self) -> float:
        """Calls a second at the present pace."""
        return self.rate.rate * SHARE * self._pace

    def reserve(self) -> float:
        """Take a token, though it be one of those to come; return the seconds until it is there."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self.per_second)

    def refused(self) -> None:
        """Slow down: AWS has refused a call. Refusals within a second count once."""
        with self._lock:
            self._refill()
            if self._refused and self._at - self._slowed < _ONE_REFUSAL:
                return
            self._refused, self._slowed = True, self._at
            self._pace = max(_SLOWEST, self._pace * _SLOWER)
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        passed = max(0.0, now - self._at)
        self._tokens = min(self._burst, self._tokens + passed * self.per_second)
        self._pace = min(1.0, self._pace + passed * _RECOVERY)
        self._at = now
