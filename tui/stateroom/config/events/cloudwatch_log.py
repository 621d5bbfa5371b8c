"""Compile `cloudwatchLog` events to subscription filters on log groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import ACCOUNT, PARTITION, REGION, Event, add_permission, fn_join, grouped
from stateroom.config.naming import normalised, permission_id
from stateroom.model.values import Value

_KEYS: Final = key_types("logGroup:text filter:text")
_SUFFIX: Final = "LogsSubscriptionFilterCloudWatchLog"
_LIMIT: Final = 2  # subscription filters of one log group


def cloudwatch_log(build: Compilation, events: Sequence[Event]) -> None:
    """Add a subscription filter for each event, and one permission a function for all of its log groups."""
    filters: Counter[str] = Counter()
    for own in grouped(events):
        groups = []
        for event in own:
            options = event.options(build.service, "logGroup", _KEYS)
            event.required(build.service, options, "logGroup")
            groups.append(options["logGroup"])
            filters[str(groups[-1])] += 1
            if filters[str(groups[-1])] > _LIMIT:
                what = f"more than {_LIMIT} subscription filters for {groups[-1]}"
                raise event.error(build.service, what, todo="subscribe one function and let it hand the events on")
            _subscribe(build, event, options)
        _permit(build, own[0], groups)


def _subscribe(build: Compilation, event: Event, options: dict[str, Value]) -> None:
    properties = {
        "LogGroupName": options["logGroup"],
        "FilterPattern": _unescaped(options.get("filter") or ""),
        "DestinationArn": event.target,
    }
    logical_id = f"{normalised(event.key)}LogsSubscriptionFilterCloudWatchLog{event.number}"
    depends_on = (permission_id(event.key, _SUFFIX), *event.after)
    build.add(logical_id, "AWS::Logs::SubscriptionFilter", properties, event.path, depends_on=depends_on)


def _unescaped(pattern: Value) -> Value:
    r"""Unescape the quotes of a filter pattern that was escaped for YAML: `{ \"level\" = 1 }`."""
    if not isinstance(pattern, str):
        return pattern
    slash, quote = pattern.find("\\"), pattern.find('"')
    if 0 <= slash < quote:
        pattern = re.sub(r"\\([\"\\'])", r"\1", pattern)
    return pattern.replace("\n", "").replace("\r", "")


def _permit(build: Compilation, event: Event, groups: list[Value]) -> None:
    """Add a permission for the common prefix of the log groups, because SourceArn takes one ARN."""
    group = groups[0]
    if len(groups) > 1:
        common = _common_start([name for name in groups if isinstance(name, str)])
        group = common if common.endswith("*") else f"{common}*"
    source = fn_join("arn:", PARTITION, ":logs:", REGION, ":", ACCOUNT, ":log-group:", group, ":*")
    principal = fn_join("logs.", REGION, ".amazonaws.com")
    add_permission(build, event, permission_id(event.key, _SUFFIX), principal, SourceArn=source)


def _common_start(names: list[str]) -> str:
    """Return the common prefix of the names; the first and the last in order differ most."""
    first, last = min(names, default=""), max(names, default="")
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:length]
