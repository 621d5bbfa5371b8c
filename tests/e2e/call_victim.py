"""The writes to a home in a directory, and every call to the cloud that writes, those of a home in S3 among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.client import BaseClient

from tests.e2e import victim
from tests.support.victims import fatal

READS = ("Get", "List", "Describe", "Head")

call = BaseClient._make_api_call


def arm(count: Iterator[int], point: int, when: str) -> None:
    """From now on, the chosen write is the last. Threads that write at the same moment die with it."""

    def fatal_call(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if operation.startswith(READS):
            return call(self, operation, arguments)
        number = next(count)
        fatal(number, point, "before", when)
        answer = call(self, operation, arguments)
        fatal(number, point, "after", when)
        return answer

    victim.arm(count, point, when)
    BaseClient._make_api_call = fatal_call
