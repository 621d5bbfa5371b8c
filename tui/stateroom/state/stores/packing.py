"""Decompress gzip objects, as SST's `state.compress` writes them under the same keys."""

from __future__ import annotations

import gzip
import zlib


def decompress(data: bytes) -> bytes:
    """Decompress gzip; other data is returned as it is, also ciphertext that begins like gzip."""
    if not data.startswith(b"\x1f\x8b\x08"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return data
