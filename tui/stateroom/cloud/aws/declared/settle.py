"""Settling: the states that a resource goes through after a write, and how long they may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stateroom.cloud.aws.calls import wait_until
from stateroom.cloud.aws.declared.setting import lookup
from stateroom.cloud.provider import Pause, Task
from stateroom.errors import CloudError


@dataclass(frozen=True, slots=True)
class Settling:
    """States to wait for.

    Args:
        state: dotted path of the state in the reading call's answer.
        working: states that pass.
        failed: states that do not; any other state is settled.
        why: dotted path of the reason of a failure.
        reason: what the user reads meanwhile; "": "waiting for NAME to become ready".
        deadline: seconds of pauses.
        first: seconds before the first look after a write.
    """

    state: str
    working: frozenset[str]
    failed: frozenset[str] = frozenset()
    why: str = ""
    reason: str = ""
    deadline: float = 300.0
    first: float = 0.0

    def wait(self, name: str, answer: Any, read: Callable[[], Any]) -> Task[Any]:
        """Wait until settled and return the last reading; `answer` itself if it says so already.

        Raises CloudError for a failed state, and after the deadline.
        """
        latest = answer
        reason = self.reason or f"waiting for {name} to become ready"

        def settled() -> bool:
            nonlocal latest
            latest = read()
            return not self._works(name, latest)

        if lookup(answer, self.state) is not None and not self._works(name, answer):
            return answer
        if self.first:
            yield Pause(self.first, reason)
        yield from wait_until(settled, reason, deadline=self.deadline)
        return latest

    def _works(self, name: str, answer: Any) -> bool:
        if answer is None:
            return True  # what was written a moment ago may not be found everywhere
        state = lookup(answer, self.state)
        if state in self.failed:
            raise CloudError(
                f"{name} did not become ready",
                why=str(lookup(answer, self.why) if self.why else None) or "AWS gave no reason",
                todo="correct the cause, then deploy again: the resource is there and will be updated",
                code=str(state),
            )
        return state in self.working


def is_leaving(answer: Mapping[str, Any], leaving: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether an answer is of what is being deleted: a state, or any value of a member with no states given."""
    for path, states in leaving.items():
        value = lookup(answer, path)
        if value is not None and (not states or value in states):
            return True
    return False
