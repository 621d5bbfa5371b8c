"""Parts of a config that only the cloud knows, in a survey that asks nothing (--offline).

Such a part is taken to be what the state has: it is not known, so it is never said to differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.document.intrinsics import DYNAMIC, calls_in, references_in
from stateroom.model.diff import AttributeDiff, Mark, Path
from stateroom.model.resource import Record, Template
from stateroom.model.values import ABSENT, NOT_ASKED, UNREAD, Properties, Value, contains_unknown

# Logical ids with a hash of what they are made of: of an unknown content the id is not known, either.
_NAMED_BY_CONTENT: Final = frozenset({"AWS::Lambda::Version", "AWS::ApiGateway::Deployment"})


def unasked_parts(template: Template) -> dict[str, str]:
    """Return what was not asked for, as the file has it, by logical id; `${cf:other-dev.Url}`."""
    found: dict[str, str] = {}
    for name, resource in template.resources.items():
        shown = [str(argument).rstrip(",") for call, argument in calls_in(resource.properties) if call == DYNAMIC]
        if shown:
            found[name] = ", ".join(dict.fromkeys(reversed(shown)))  # the last comes first
    return found


def with_known_names(
    template: Template, desired: Mapping[str, Properties], records: Mapping[str, Record], unasked: dict[str, str]
) -> dict[str, Properties]:
    """Put the recorded resource in the place of one whose logical id depends on what was not asked for.

    Adds to `unasked` what it has replaced, and what refers to it.
    """
    result = dict(desired)
    for name, resource in template.resources.items():
        if resource.type not in _NAMED_BY_CONTENT or name in records:
            continue
        causes = {other for other, _ in references_in(resource.properties)} & set(unasked)
        before = next(_recorded(resource.type, causes, desired, records), None)
        if before is not None:
            del result[name]
            result[before], unasked[before] = records[before].inputs, unasked[next(iter(causes))]
            for other, item in template.resources.items():
                if any(target == name for target, _ in references_in(item.properties)):
                    unasked.setdefault(other, unasked[before])
    return result


def _recorded(
    type_: str, causes: set[str], desired: Mapping[str, Properties], records: Mapping[str, Record]
) -> Iterator[str]:
    for name, record in records.items():
        if record.type == type_ and name not in desired and causes & set(record.dependencies):
            yield name


def with_reasons(attributes: Iterable[AttributeDiff], source: Properties) -> tuple[AttributeDiff, ...]:
    """Mark those attributes of a new resource as not asked for whose `source`, its properties in the template, says so.

    Others that are not known, such as another new resource's ARN, stay known after deploy.
    """
    return tuple(
        replace(item, config=NOT_ASKED) if contains_unknown(item.config) and _is_unasked(item.path, source) else item
        for item in attributes
    )


def _is_unasked(path: Path, source: Value) -> bool:
    for part in path:
        calls = {call for call, _ in calls_in(source)}
        if DYNAMIC not in calls or not any(references_in(source)):
            return DYNAMIC in calls  # one reason for all in it, so that tags may be a list here and a map there
        inside = isinstance(source, Mapping) and part in source
        source = source[part] if inside and isinstance(source, Mapping) else {}
    return any(call == DYNAMIC for call, _ in calls_in(source))


def as_recorded(config: Value, state: Value) -> Value:
    """Return the config with the state's values where it is not known; what the state lacks stays unknown."""
    if state is ABSENT or not contains_unknown(config):
        return config
    if isinstance(config, Mapping) and isinstance(state, Mapping):
        return {key: as_recorded(value, state.get(key, ABSENT)) for key, value in config.items()}
    if isinstance(config, list | tuple) and isinstance(state, list | tuple) and len(config) == len(state):
        return [as_recorded(value, other) for value, other in zip(config, state, strict=True)]
    return state


def unknown_attributes(config: Value, state: Value, path: Path = ()) -> Iterator[AttributeDiff]:
    """Yield the attributes that were taken from the state."""
    if state is ABSENT or not contains_unknown(config):
        return
    if isinstance(config, Mapping) and isinstance(state, Mapping):
        for key, value in config.items():
            yield from unknown_attributes(value, state.get(key, ABSENT), (*path, key))
    else:
        yield AttributeDiff(path, Mark.UNKNOWN, NOT_ASKED, state, UNREAD)
