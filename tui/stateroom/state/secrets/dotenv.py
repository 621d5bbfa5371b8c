"""Read and write `NAME=value` files as SST does for secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stateroom.errors import UsageError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def parse(text: str) -> dict[str, str]:
    """Parse names and values: quotes, comments, `export` and quoted values of several lines.

    Raises:
        UsageError: a line is none of these; names its number, never its text.
    """
    values: dict[str, str] = {}
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line, start = lines[number], number + 1
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise UsageError(f"line {start} is not NAME=value", todo="write one secret a line")
        value = match[2].strip()
        quote = value[:1] if value[:1] in ("'", '"') else ""
        while quote and not _closed(value, quote):
            if number == len(lines):
                raise UsageError(f"line {start}: the quote is never closed", todo=f"end the value with {quote}")
            value += "\n" + lines[number]
            number += 1
        values[match[1]] = _plain(value, quote)
    return values


def line(name: str, value: str) -> str:
    """Format one line that `parse` reads as this value."""
    if re.fullmatch(r"[\w./:@%+,-]*", value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'{name}="{escaped}"'


def lines(values: Mapping[str, str]) -> list[str]:
    """Format all values, sorted by name."""
    return [line(name, values[name]) for name in sorted(values)]


def _closed(value: str, quote: str) -> bool:
    return _end(value, quote) > 0


def _end(value: str, quote: str) -> int:
    """Return the index of the closing quote; 0 when there is none."""
    position = 1
    while position < len(value):
        if value[position] == "\\" and quote == '"':
            position += 2
            continue
        if value[position] == quote:
            return position
        position += 1
    return 0


def _plain(value: str, quote: str) -> str:
    if not quote:
        return re.sub(r"\s+#.*", "", value)
    inner = value[1 : _end(value, quote)]
    return inner if quote == "'" else re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), inner)
