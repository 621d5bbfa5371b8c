"""Pointers from code to documents, and the sections that documents have."""

from __future__ import annotations

import re
from collections.abc import Iterator


def headings(text: str) -> list[str]:
    """List the section titles of a Markdown text."""
    return re.findall(r"^#+ (.+?)\s*$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)


def pointers(text: str) -> Iterator[tuple[str, str]]:
    """Find each `docs/name.md` in code, and the text behind a comma after it, where a section would be named."""
    flat = re.sub(r"\s*\n[ \t]*(?:#[ \t]*)?", " ", text)
    for match in re.finditer(r"\b(docs/[\w-]+\.md)(?:, (?=[A-Z]))?", flat):
        yield match[1], flat[match.end() : match.end() + 100] if match[0].endswith(" ") else ""
