"""Documents as data: their sections, what they say about code, and what code says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator


def headings(text: str) -> list[str]:
    """List the section titles of a Markdown text."""
    return re.findall(r"^#+ (.+?)\s*$", _without_blocks(text), re.MULTILINE)


def _without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchor(heading: str) -> str:
    """Convert a section title to the anchor that GitHub gives it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(text: str, title: str) -> str:
    """Cut out the section `## title`, its subsections included; "" when there is none."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def pointers(text: str) -> Iterator[tuple[str, str]]:
    """Find each document below `docs/` that code names, and the text after a comma, where its section stands."""
    flat = re.sub(r"\s*\n[ \t]*(?:#[ \t]*)?", " ", text)
    for match in re.finditer(r"\b(docs/[\w-]+\.md)(?:, (?=[A-Z]))?", flat):
        yield match[1], flat[match.end() : match.end() + 100] if match[0].endswith(" ") else ""


def named_code(text: str) -> list[tuple[str, str]]:
    """Find each `file.py:function` of a Markdown text: (file, function)."""
    return re.findall(r"`([\w/]+\.py):([\w.]+)`", text)


def rooms_on_the_map(text: str) -> Iterator[str]:
    """List the folders of a table with floors and rooms in its first two columns; an empty floor is the one above."""
    floor = ""
    for first, second in re.findall(r"^\|([^|]*)\|([^|]*)\|", text, re.MULTILINE):
        for name in re.findall(r"`([\w/]+)`", first):
            floor = name
            yield floor
        yield from (f"{floor}/{name}" for name in re.findall(r"`([\w/]+)`", second))
