"""Settled reads: what was just made or written is waited for, because AWS shows it with a delay.

For a while after a create its resource may not be found, and for a while after an update the old values are read.
Neither is an error, and neither is a state to record. Sources: API references of CreateQueue ("wait at least one
second"), SetQueueAttributes ("up to 60 seconds"), UpdateStateMachine, DescribeTable, IAM ("Troubleshooting: changes
that I make are not always immediately visible").
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from stateroom.cloud.aws.calls import backoff, error_message, is_missing
from stateroom.cloud.provider import Handler, Identified, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import NotFoundInCloudError
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

WINDOW: Final = 30.0  # seconds after our own create in which "not found" is a pause
_TRIES: Final = 5  # of a create that a read finds, but one of its calls does not: then something else is missing
_SHORTEST: Final = 3  # letters of an id that is looked for in texts: "1" is in too many

# Codes that services use for bad input as well as for a resource that they do not know yet: fragments of the message.
_UNKNOWN_YET: Final = ("does not exist", "not exist", "not found", "no such", "cannot be found", "nonexistent")
_AMBIGUOUS: Final = frozenset(
    {
        "BadRequestException",
        "InvalidArgument",
        "InvalidParameter",
        "InvalidParameterException",
        "InvalidParameterValueException",
        "ValidationException",
    }
)


class JustMade:
    """What this process made a moment ago, by physical id. Thread-safe.

    Args:
        clock: a steady clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, physical_id: str) -> None:
        """Note a create that has just succeeded."""
        now = self._clock()
        with self._lock:
            self._made = {made: since for made, since in self._made.items() if now - since < WINDOW}
            self._made[physical_id] = now

    def among(self, value: Value) -> str:
        """Return an id made a moment ago that a value names, in an ARN or URL if need be; "" for none."""
        now = self._clock()
        with self._lock:
            recent = [made for made, since in self._made.items() if now - since < WINDOW]
        if not recent:
            return ""
        texts = set(_texts(reveal(value)))
        return next((made for made in recent if any(_names(text, made) for text in texts)), "")


def make(handler: Handler, resource: ResourceData, just_made: JustMade) -> Task[str | Live]:
    """Create by a handler; "not found" about what was made a moment ago, this resource or one it needs, is a pause."""
    made, needed = "", ""
    for pause in backoff("", WINDOW, first=0.5):
        task = handler.create(resource)
        try:
            while True:
                progress = next(task)
                if isinstance(progress, Identified):
                    made = progress.physical_id
                    just_made.note(made)
                yield progress
        except StopIteration as stop:
            result: str | Live = stop.value
            return result
        except Exception as error:
            needed = "" if made else just_made.among(resource.inputs)
            if not is_late(error) or not (made or needed):
                raise
        if made:
            return (yield from _complete_when_found(handler, resource.at(made)))
        yield replace(pause, reason=not_shown_yet(needed))
    return (yield from handler.create(resource))


def change(handler: Handler, resource: ResourceData, just_made: JustMade) -> Task[Live | None]:
    """Update by a handler; "not found" about what was made a moment ago is a pause while a direct read finds it."""
    for pause in backoff("", WINDOW, first=0.5):
        try:
            return (yield from handler.update(resource))
        except Exception as error:
            recent = just_made.among([resource.id, resource.inputs]) if is_late(error) else ""
            if not recent or handler.read(resource) is None:
                raise
        yield replace(pause, reason=not_shown_yet(recent))
    return (yield from handler.update(resource))


def complete(handler: Handler, resource: ResourceData) -> Task[str | Live]:
    """Write everything to what a create has made in part."""
    there = found(handler, resource) or {}
    fixed = {path.split(".")[0] for path in facts(handler.type).schema.create_only}
    wanted = replace(resource, previous=there, changed=frozenset(resource.inputs) - fixed)
    read = yield from handler.update(wanted)
    return read or resource.id


def read_back(handler: Handler, resource: ResourceData) -> Task[Properties | None]:
    """Read what was written a moment ago, waiting until it is found; None when it is not, in time."""
    for pause in backoff(not_shown_yet(resource.id), WINDOW, first=0.5):
        if (properties := found(handler, resource)) is not None:
            return properties
        yield pause
    return found(handler, resource)


def found(handler: Handler, resource: ResourceData) -> Properties | None:
    """Read a resource; None when it is not found, whatever call said so."""
    try:
        return handler.read(resource)
    except Exception as error:
        if not is_late(error):
            raise
        return None


def is_late(error: BaseException) -> bool:
    """Tell whether an error may come from a service that does not know yet what was made a moment ago."""
    if isinstance(error, NotFoundInCloudError) or is_missing(error):
        return True
    message = error_message(error).lower()
    return error_code(error) in _AMBIGUOUS and any(fragment in message for fragment in _UNKNOWN_YET)


def not_shown_yet(physical_id: str) -> str:
    """Say what is waited for."""
    return f"{_short(physical_id)} was just made; AWS does not show it everywhere yet"


def _complete_when_found(handler: Handler, resource: ResourceData) -> Task[str | Live]:
    tries = 0
    for pause in backoff(not_shown_yet(resource.id), WINDOW, first=0.5):
        yield pause
        try:
            return (yield from complete(handler, resource))
        except Exception as error:
            tries += is_late(error) and found(handler, resource) is not None
            if tries == _TRIES or not is_late(error):
                raise
    return (yield from complete(handler, resource))


def _names(text: str, physical_id: str) -> bool:
    last = _short(physical_id)
    return len(last) >= _SHORTEST and last in text


def _short(physical_id: str) -> str:
    """Return the name at the end of an ARN, URL or compound id."""
    return re.split(r"[/:|]", physical_id.rstrip("/:|"))[-1]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
