"""Attempt at a create: whether it is certain that it has made nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from stateroom.cloud.aws.calls import was_repeated
from stateroom.cloud.provider import Identified, Task
from stateroom.errors import CloudError
from stateroom.model.problems.error_response import error_response

T = TypeVar("T")

# Answered with a 4xx status, but not because of what was asked for; or about a request that goes on all the same.
_PASSING: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "IDPCommunicationError",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_PASSING_STATUS: Final = frozenset({408, 425, 429})
_PROGRESS: Final = frozenset({"GetResourceRequestStatus"})  # Cloud Control goes on while it is asked how far it is


@dataclass(slots=True)
class Attempt:
    """One create on its way. `begun`: something may exist, or an answer was lost that would have told."""

    begun: bool = False

    def watched(self, task: Task[T]) -> Task[T]:
        """Pass a create's task on, noting when it has made something: handlers yield Identified first thing then."""
        while True:
            try:
                progress = next(task)
            except StopIteration as stop:
                result: T = stop.value
                return result
            self.begun = self.begun or isinstance(progress, Identified)
            yield progress

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Keep `refused` on a CloudError only where nothing has begun."""
        try:
            yield
        except CloudError as error:
            error.refused = error.refused and not self.begun
            raise


def is_refusal(error: BaseException) -> bool:
    """Tell whether a service refused a call for good, so that the call has changed nothing.

    That is an answer of status 4xx that blames the request, to a call that was sent once: of one sent again an earlier
    try may have been carried out.
    """
    response = error_response(error)
    if response is None or not 400 <= response.status < 500 or was_repeated(error):
        return False
    passing = response.code in _PASSING or response.status in _PASSING_STATUS
    return not passing and response.operation not in _PROGRESS
