"""Lineage of a state: its identity, and the name of its home, as tags of resources carry them."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final
from uuid import uuid4

_LONGEST: Final = 128  # characters; AWS allows 256 in a tag's value, Step Functions and others count bytes


def new_lineage() -> str:
    """Make the identity of a state that is born: 32 hex digits."""
    return uuid4().hex


def tag_text(text: str) -> str:
    """Return a text in the characters that every service allows in tags, with a digest in place of too long an end."""
    plain = re.sub(r"[^\w +=.:/@-]", "_", text, flags=re.ASCII)
    if len(plain) <= _LONGEST:
        return plain
    digest = sha256(plain.encode()).hexdigest()[:16]
    return f"{plain[: _LONGEST - len(digest) - 1]}_{digest}"
