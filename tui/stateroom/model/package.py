"""Deployment package as a handler gets it: bytes to send, or an object that Lambda fetches by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Bytes of a zip that is sent with the call: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_UPLOAD: Final = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """Package in a bucket of the function's region."""

    bucket: str
    key: str
