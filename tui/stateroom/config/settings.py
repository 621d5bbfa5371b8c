"""What the caller decides about a compilation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stateroom.model.remote import RemoteValues


@dataclass(frozen=True, slots=True)
class Settings:
    """Stage and region (None: as the service says), command-line options and params, environment, and a directory.

    `build_dir` is where deployment packages are written and found again. `remote` reads what variables ask of AWS and
    others; without it those are errors.
    """

    stage: str | None
    region: str | None
    options: Mapping[str, str]
    environment: Mapping[str, str]
    params: Mapping[str, str]
    build_dir: Path
    remote: RemoteValues | None = None
