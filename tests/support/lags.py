"""The delays of a real cloud, for the proxy of tests.support.faults: what was written shows only after some seconds.

    clock = Clock()
    proxy.rules.append(OldAnswers(clock, 3))                # for 3 s after a write, reads answer as before it
    proxy.rules.append(NotFound(clock, 2, "sqs", "orders"))   # from now on, calls about it find nothing for 2 s
    proxy.rules.append(LeftOut(("orders",)))                # no listing names it

A test drives the clock, so no time passes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from tests.support.faults import Action, Answer, Call, Edit, Whole

# What each service says of something that it does not find.
NOT_FOUND: Final[Mapping[str, tuple[str, int]]] = {
    "apigateway": ("NotFoundException", 404),
    "apigatewayv2": ("NotFoundException", 404),
    "iam": ("NoSuchEntity", 404),
    "s3": ("NoSuchBucket", 404),
    "sns": ("NotFound", 404),
    "sqs": ("AWS.SimpleQueueService.NonExistentQueue", 400),
    "stepfunctions": ("StateMachineDoesNotExist", 400),
}
_READS: Final = re.compile(r"^(Get|List|Describe|Head)")


class Clock:
    """A clock that goes on only when a test waits; `sleep` is for `run`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The present, in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class EmulatorsClock(Clock):
    """A clock that leaves an emulator a moment of its own, in which its functions become active."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        super().sleep(seconds)
        threading.Event().wait(min(seconds, 0.02))


@dataclass
class NotFound:
    """Calls of a service that name something find nothing, for some seconds from now."""

    clock: Clock
    seconds: float
    service: str
    name: str
    since: float = field(init=False)
    times: int = 0  # how often it acted

    def __post_init__(self) -> None:
        """Note when it was made."""
        self.since = self.clock()

    def decide(self, call: Call) -> Action | None:
        """Refuse a call that names it."""
        late = self.clock() - self.since < self.seconds
        if not late or call.service != self.service or self.name not in said(call):
            return None
        self.times += 1
        code, status = NOT_FOUND.get(self.service, ("ResourceNotFoundException", 404))
        return Answer(code, "does not exist", status)

    def answered(self, call: Call, answer: Whole) -> None:
        """Nothing."""


@dataclass
class OldAnswers:
    """Reads answer as they did before the last write of their service, for some seconds after it."""

    clock: Clock
    seconds: float
    times: int = 0
    _written: dict[str, float] = field(default_factory=dict)
    _answers: dict[tuple[str, ...], Whole] = field(default_factory=dict)

    def decide(self, call: Call) -> Action | None:
        """Repeat an earlier answer."""
        if not is_read(call):
            return None
        old = self._answers.get(_key(call))
        if old is None or self.clock() - self._written.get(call.service, -1e9) >= self.seconds:
            return None
        self.times += 1
        return old

    def answered(self, call: Call, answer: Whole) -> None:
        """Keep a read's answer; note when something was written."""
        if is_read(call):
            self._answers[_key(call)] = answer
        elif answer.status < 300:
            self._written[call.service] = self.clock()


@dataclass
class LeftOut:
    """Listings leave out the items that name one of some things; reads of the one thing find it."""

    names: tuple[str, ...]
    times: int = 0

    def decide(self, call: Call) -> Action | None:
        """Edit the answer to a listing that does not ask for one of the things."""
        if not is_read(call) or self._named(said(call)):
            return None
        return Edit(self._without)

    def _named(self, text: str) -> bool:
        return any(name in text for name in self.names)

    def answered(self, call: Call, answer: Whole) -> None:
        """Nothing."""

    def _without(self, body: bytes) -> bytes:
        if not self._named(body.decode("utf-8", "replace")):
            return body
        self.times += 1
        if body[:1] in b"{[":
            return json.dumps(self._cut(json.loads(body))).encode()
        root = ET.fromstring(body)
        for parent in root.iter():
            for item in [child for child in parent if child.tag.endswith(("}member", "}entry", "member"))]:
                if any(self._named(inner.text or "") for inner in item.iter()):
                    parent.remove(item)
        return ET.tostring(root)

    def _cut(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._cut(item) for key, item in value.items()}
        if isinstance(value, list):
            return [item for item in value if not self._named(json.dumps(item))]
        return value


def is_read(call: Call) -> bool:
    """Whether a call changes nothing."""
    return bool(_READS.match(call.operation)) if call.operation else call.method in ("GET", "HEAD")


def said(call: Call) -> str:
    """Path and body of a call as text, with nothing quoted."""
    return unquote(unquote(call.path)) + unquote(call.body.decode("utf-8", "replace"))


def _key(call: Call) -> tuple[str, ...]:
    return (call.service, call.operation, call.method, call.path, call.body.decode("utf-8", "replace"))
