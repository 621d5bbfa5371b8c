"""Compile options: stage, region, params, environment, build directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stateroom.config.siblings import Siblings
from stateroom.model.remote import RemoteValues
from stateroom.programs.access import NO_PROGRAMS, ProgramAccess


@dataclass(frozen=True, slots=True)
class Watch:
    """Callbacks of a slow compilation: progress messages and cancellation.

    `tell` gets a message such as `installing requirements.txt` before the work begins; `cancelled` returns true once
    the caller has given up. Both are called from the thread that does the work.
    """

    tell: Callable[[str], None] = lambda _text: None
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """Options of a compilation: stage, region, command-line options and params, environment, directories.

    `stage` and `region` are None for the service's own.

    `build_dir` is where deployment packages are written and found again. `remote` reads what variables ask of AWS and
    others; without it those are errors. `homes` are directories with states: they are never part of a package.
    `siblings` are the project's other services.

    `programs` says which programs the project may start. What is not installed yet is installed then, unless `install`
    is false: a package whose requirements are not there has no hash. Only wheels are installed, which runs no code of
    theirs; with `sources`, for a deploy, what has no wheel is built, and what may not be installed is an error.
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
    sources: bool = False
    programs: ProgramAccess = NO_PROGRAMS
    homes: tuple[Path, ...] = ()
    siblings: Siblings = field(default_factory=Siblings)
