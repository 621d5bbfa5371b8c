"""Registry of event kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from stateroom.config.compilation import Compilation
from stateroom.config.document.suggestions import misspelt, suggestion
from stateroom.config.events.alb import alb
from stateroom.config.events.cloudwatch_log import cloudwatch_log
from stateroom.config.events.cognito import cognito_user_pool
from stateroom.config.events.event import Event
from stateroom.config.events.event_bridge import cloudwatch_event, event_bridge
from stateroom.config.events.http.api import http_api
from stateroom.config.events.http.websocket import websocket
from stateroom.config.events.iot import alexa_skill, alexa_smart_home, cloudfront, iot, iot_fleet_provisioning
from stateroom.config.events.mappings.brokers import activemq, kafka, msk, rabbitmq
from stateroom.config.events.mappings.sqs import sqs
from stateroom.config.events.mappings.stream import stream
from stateroom.config.events.rest.http import http
from stateroom.config.events.s3 import s3
from stateroom.config.events.schedule import schedule
from stateroom.config.events.sns import sns
from stateroom.config.function import Function
from stateroom.model.values import Value

EventCompiler: TypeAlias = Callable[[Compilation, Sequence[Event]], None]
"""Takes all events of its kind, at least one, in the order of the functions."""

# In the order in which the framework compiles them, so that the execution role's statements come in the same order.
EVENTS: Final[Mapping[str, EventCompiler]] = {
    "schedule": schedule,
    "s3": s3,
    "http": http,
    "websocket": websocket,
    "sns": sns,
    "stream": stream,
    "kafka": kafka,
    "activemq": activemq,
    "rabbitmq": rabbitmq,
    "msk": msk,
    "alb": alb,
    "alexaSkill": alexa_skill,
    "alexaSmartHome": alexa_smart_home,
    "iot": iot,
    "iotFleetProvisioning": iot_fleet_provisioning,
    "cloudwatchEvent": cloudwatch_event,
    "cloudwatchLog": cloudwatch_log,
    "cognitoUserPool": cognito_user_pool,
    "eventBridge": event_bridge,
    "sqs": sqs,
    "cloudFront": cloudfront,
    "httpApi": http_api,
}


def compile_events(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Compile every function's events. Raises ConfigError."""
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for function in functions.values():
        counts: Counter[str] = Counter()
        for position, kind, value in _written(build, function):
            counts[kind] += 1
            path = (*function.path, "events", position - 1, kind)
            by_kind[kind].append(Event(function, kind, value, counts[kind], position, path, functions))
    for kind, compile_kind in EVENTS.items():
        if by_kind[kind]:
            compile_kind(build, by_kind[kind])


def _written(build: Compilation, function: Function) -> Iterator[tuple[int, str, Value]]:
    """Yield the function's events as (position from 1, kind, value). Raises ConfigError."""
    service = build.service
    path = (*function.path, "events")
    listed = function.config.get("events") or []
    if not isinstance(listed, list):
        raise service.error("not a list", *path, todo="write each event as - kind: …")
    for index, item in enumerate(listed):
        block = {item: None} if isinstance(item, str) else item
        if not isinstance(block, dict) or len(block) != 1:
            todo = "indent the event's own keys below its kind"
            if isinstance(block, dict) and any(kind in EVENTS and value is None for kind, value in block.items()):
                service.leave_out("not one event", *path, index, todo=todo)
                continue
            why = "each - begins one event with one kind"
            raise service.error("not one event", *path, index, why=why, todo=todo)
        ((kind, value),) = block.items()
        if kind not in EVENTS and service.foreign_plugins and not misspelt(str(kind), EVENTS):
            build.warn(f"{function.key}: the event {kind} is ignored: it may be of {service.foreign_plugins[0]}")
            continue
        if kind not in EVENTS:
            raise service.error(f"unknown event {kind}", *path, index, todo=suggestion(kind, EVENTS))
        yield index + 1, kind, value
