"""Property values, moments and durations in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from stateroom.model.compare import same
from stateroom.model.values import ABSENT, UNKNOWN, UNREAD, Marker, Secret, Value
from stateroom.presentation.text import ABSENT_SIGN, cells, elide, plain

MASK = "***"
KNOWN_AFTER_DEPLOY = "(known after deploy)"
NOT_READ = "(not read)"
_SHOWN_MARKERS = {ABSENT: ABSENT_SIGN, UNKNOWN: KNOWN_AFTER_DEPLOY, UNREAD: NOT_READ}
# No screen line is longer, and values can be megabytes: what is cut away is not worth escaping first.
_LONGEST = 20_000


def json_value(value: Value) -> Value:
    """`value` with nothing in it but JSON: Secret is "***", what is not known yet "(known after deploy)".

    ABSENT and UNREAD inside a value become null; callers leave whole absent or unread sides out.
    """
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((json_value(item) for item in value), key=str)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Marker):
        return KNOWN_AFTER_DEPLOY if value is UNKNOWN else None
    return value.isoformat() if isinstance(value, datetime) else str(value)


def full(value: Value) -> str:
    """Format the whole value in one line: strings bare, all else compact JSON, secrets masked, nothing elided."""
    if isinstance(value, str):
        return plain(value) if value else '""'
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Marker):
        return _SHOWN_MARKERS.get(value, repr(value))
    return as_json(value)


def as_json(value: Value) -> str:
    """Compact JSON in one line, secrets masked, keys sorted; a string keeps its quotes."""
    return plain(json.dumps(json_value(value), ensure_ascii=False, separators=(", ", ": "), sort_keys=True))


def short(value: Value, width: int) -> str:
    """Format the value in one line of at most `width` cells, elided in the middle."""
    if isinstance(value, str) and len(value) > _LONGEST:
        value = value[: _LONGEST // 2] + value[-_LONGEST // 2 :]
    return elide(full(value), width)


def pair(before: Value, after: Value, width: int) -> tuple[str, str]:
    """Two values, each in at most `width` cells, elided where they agree so that the difference shows."""
    first, second = spread((before, after), width)
    return first, second


def spread(values: Sequence[Value], width: int) -> tuple[str, ...]:
    """Like `pair` for any number of values: the three columns of a difference.

    Values that differ but read the same (the string 10 and the number 10) are shown as JSON, quotes and all; where that
    reads the same too, the kind is added, or that it is another secret.
    """
    texts = [full(value) for value in values]
    if _ambiguous(values, texts):
        texts = [text if isinstance(value, Marker | Secret) else as_json(value) for value, text in _each(values, texts)]
    if _ambiguous(values, texts):
        texts = _told_apart(values, texts)
    if all(cells(text) <= width for text in texts):
        return tuple(texts)
    compared = {text for value, text in zip(values, texts, strict=True) if not isinstance(value, Marker | Secret)}
    before, after = _common_ends(sorted(compared)) if len(compared) > 1 else (0, 0)
    return tuple(
        _elide_around(text, before, after, width) if text in compared else elide(text, width) for text in texts
    )


def _ambiguous(values: Sequence[Value], texts: Sequence[str]) -> bool:
    seen: dict[str, Value] = {}
    for value, text in _each(values, texts):
        if isinstance(value, Marker):
            continue
        if text in seen and not same(seen[text], value):
            return True
        seen[text] = value
    return False


def _each(values: Sequence[Value], texts: Sequence[str]) -> Iterator[tuple[Value, str]]:
    return zip(values, texts, strict=True)


def _told_apart(values: Sequence[Value], texts: Sequence[str]) -> list[str]:
    """Return texts that differ where values do: the first stays, others of the same text get their kind or a number."""
    kinds: dict[str, list[Value]] = {}
    told: list[str] = []
    for value, text in _each(values, texts):
        alike = kinds.setdefault(text, [])
        number = next((index for index, other in enumerate(alike) if same(other, value)), len(alike))
        if number == len(alike) and not isinstance(value, Marker):
            alike.append(value)
        told.append(text if not number or isinstance(value, Marker) else f"{text} ({_kind(value, number)})")
    return told


def _kind(value: Value, number: int) -> str:
    if isinstance(value, Secret):
        return "other" if number == 1 else f"other {number}"
    return {str: "other text", float: "decimal", int: "integer"}.get(type(value), f"other {number}")


def _common_ends(texts: Sequence[str]) -> tuple[int, int]:
    """How many characters all texts share at the start and, of what is left, at the end."""
    # Sorted texts differ from one another no earlier than the first and the last do.
    low, high = texts[0], texts[-1]
    shortest = min(map(len, texts))
    before = 0
    while before < shortest and low[before] == high[before]:
        before += 1
    after = 0
    while after < shortest - before and all(text[-1 - after] == low[-1 - after] for text in texts):
        after += 1
    return before, after


def _elide_around(text: str, before: int, after: int, width: int) -> str:
    """Elide the first `before` and the last `after` characters first, and the middle only if that is not enough."""
    if cells(text) <= width:
        return text
    start, middle, end = text[:before], text[before : len(text) - after], text[len(text) - after :]
    least = min(cells(start), 1 + width // 6) + min(cells(end), 1 + width // 6)
    middle = elide(middle, width - least)
    room = width - cells(middle)
    end_room = min(cells(end), max(room // 2, room - cells(start)))
    return elide(start, room - end_room) + middle + elide(end, end_room)


_AGES = ((365 * 86400, "y"), (7 * 86400, "w"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in one unit: `12s`, `5m`, `3h`, `2d`, `6w`, `1y`; nothing for None, `0s` for the future.

    A moment without a time zone is taken for UTC.
    """
    if moment is None:
        return ""
    elapsed = int((_aware(now) - _aware(moment)).total_seconds())
    for size, unit in _AGES:
        if elapsed >= size:
            return f"{elapsed // size}{unit}"
    return "0s"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def duration(seconds: float) -> str:
    """`0.3s`, `12s`, `1m05s`, `2h03m`."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def type_name(type_: str) -> str:
    """Shorten a type name: `AWS::Lambda::Function` is `Lambda Function`, `aws:s3/bucket:Bucket` `aws:s3:Bucket`."""
    if type_.startswith("AWS::"):
        return " ".join(type_.split("::")[1:])
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    folder, _, file = module.partition("/")
    return f"{package}:{folder}:{name}" if file and file.lower() == name.lower() else type_
