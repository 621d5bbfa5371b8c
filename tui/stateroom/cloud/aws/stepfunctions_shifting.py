"""Shifting an alias of a state machine to another version: at once, in two steps, or step by step, watched by alarms.

The service knows of no preference: CloudFormation shifts by calls of its own, and so does stateroom. What the alias
routes to says how far it has come, so that a shift that was cut off goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from stateroom.cloud.provider import Pause, Task
from stateroom.errors import CloudError

Routes: TypeAlias = Mapping[str, int]  # version → its share of the executions, of a hundred

WHOLE: Final = 100
_LOOK: Final = 15.0  # seconds between two looks at the alarms


@dataclass(frozen=True, slots=True)
class Shift:
    """Shift of one alias.

    Args:
        name: the alias, as people know it.
        preference: CloudFormation's DeploymentPreference.
        route: writes what the alias routes to.
        alarming: which of some alarms, by name, have gone off.
    """

    name: str
    preference: Mapping[str, Any]
    route: Callable[[Routes], Task[None]]
    alarming: Callable[[Sequence[str]], Sequence[str]]

    def run(self, there: Routes) -> Task[None]:
        """Shift from what the alias routes to; back to it when an alarm goes off. Raises CloudError then."""
        target = str(self.preference["StateMachineVersionArn"])
        if there.get(target) == WHOLE:
            return
        before = max((version for version in there if version != target), key=there.__getitem__, default=target)
        self._stop(before)
        for share in _shares(self.preference, there.get(target, 0)):
            yield from self.route({before: WHOLE - share, target: share} if share < WHOLE else {target: WHOLE})
            if share < WHOLE:
                yield from self._watched(before, share)

    def _watched(self, before: str, share: int) -> Task[None]:
        """Wait for the interval, with an eye on the alarms."""
        left = 60.0 * int(self.preference.get("Interval") or 0)
        reason = f"{share} % of {self.name}'s executions are on the new version"
        while left > 0:
            yield Pause(min(_LOOK, left), reason, left)
            left -= _LOOK
            try:
                self._stop(before)
            except CloudError:
                yield from self.route({before: WHOLE})
                raise

    def _stop(self, before: str) -> None:
        """Raise CloudError if an alarm has gone off."""
        alarms = list(self.preference.get("Alarms") or ())
        gone_off = list(self.alarming(alarms)) if alarms else []
        if gone_off:
            raise CloudError(
                f"{self.name} stays on version {before.rpartition(':')[2]}",
                why=f"an alarm has gone off: {', '.join(sorted(gone_off))}",
                todo="find out what it is about, then deploy again",
                code="AlarmGoneOff",
            )


def _shares(preference: Mapping[str, Any], share: int) -> Iterator[int]:
    """Yield the shares that the new version gets, from the one that it has already."""
    step = int(preference.get("Percentage") or WHOLE)
    if preference["Type"] == "CANARY" and share <= step < WHOLE:
        yield step
    elif preference["Type"] == "LINEAR":
        yield from range(max(share, step), WHOLE, step)
    yield WHOLE
