"""Packed objects: SST's `state.compress` writes gzip under the same keys, and every reader looks at the first bytes."""

from __future__ import annotations

import gzip
import zlib


def decompress(data: bytes) -> bytes:
    """What gzip packed; anything else as it is. Ciphertext may begin like gzip by chance, and is no gzip then."""
    if not data.startswith(b"\x1f\x8b\x08"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return data
