"""Which kinds of events there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.config.build import Build
from stateroom.config.events.event import Event
from stateroom.config.events.http_api import http_api
from stateroom.config.events.schedule import schedule
from stateroom.config.events.sns import sns
from stateroom.config.events.sqs import sqs
from stateroom.config.function import Function
from stateroom.config.suggest import suggestion

EventCompiler: TypeAlias = Callable[[Build, Event], None]

EVENTS: Final[Mapping[str, EventCompiler]] = {
    "httpApi": http_api,
    "schedule": schedule,
    "sns": sns,
    "sqs": sqs,
}
_LATER_KINDS = """http websocket s3 stream eventBridge cloudwatchEvent cloudwatchLog cognitoUserPool iot
    iotFleetProvisioning alb msk kafka activemq rabbitmq alexaSkill alexaSmartHome cloudFront"""
LATER: Final = frozenset(_LATER_KINDS.split())


def compile_events(build: Build, functions: Mapping[str, Function]) -> None:
    """Add what every function's events need. Raises ConfigError."""
    for function in functions.values():
        counts: Counter[str] = Counter()
        for event in _events(build, function):
            counts[event.kind] += 1
            EVENTS[event.kind](build, Event(function, event.kind, event.value, counts[event.kind], event.path))


def _events(build: Build, function: Function) -> list[Event]:
    service = build.service
    path = (*function.path, "events")
    listed = function.config.get("events") or []
    if not isinstance(listed, list):
        raise service.error("not a list", *path, todo="write each event as - kind: …")
    events = []
    for index, item in enumerate(listed):
        block = {item: None} if isinstance(item, str) else item
        if not isinstance(block, dict) or len(block) != 1:
            raise service.error(
                "not one event",
                *path,
                index,
                why="each - begins one event with one kind",
                todo="indent the event's own keys below its kind",
            )
        (kind,) = block
        if kind not in EVENTS:
            later = kind in LATER
            raise service.error(
                f"the event {kind} is not supported yet" if later else f"unknown event {kind}",
                *path,
                index,
                todo="remove it, or leave this service to another tool"
                if later
                else suggestion(kind, [*EVENTS, *LATER]),
            )
        events.append(Event(function, kind, block[kind], 0, (*path, index, kind)))
    return events
