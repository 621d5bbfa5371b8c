"""What the caller decides about a compilation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stateroom.model.remote import RemoteValues


@dataclass(frozen=True, slots=True)
class Watch:
    """Whoever looks on while something slow is done.

    `tell` hears what it is, such as `installing requirements.txt`, before it begins; `cancelled` says that nobody waits
    for it any more. Both are called from the thread that does it.
    """

    tell: Callable[[str], None] = lambda _text: None
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """Stage and region (None: as the service says), command-line options and params, environment, and a directory.

    `build_dir` is where deployment packages are written and found again. `remote` reads what variables ask of AWS and
    others; without it those are errors. Without `install` nothing is installed: a package whose requirements are not
    there yet has no hash.
    """

    stage: str | None
    region: str | None
    options: Mapping[str, str]
    environment: Mapping[str, str]
    params: Mapping[str, str]
    build_dir: Path
    remote: RemoteValues | None = None
    watch: Watch = field(default_factory=Watch)
    install: bool = True
