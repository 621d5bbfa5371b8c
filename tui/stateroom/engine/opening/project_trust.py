"""Whether the programs of a project may run: by the user's record, the environment, or for this run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from stateroom.config.compile_options import CompileOptions
from stateroom.config.project import Project
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import StateroomError, TrustError
from stateroom.programs.access import ProgramAccess, ProgramUse
from stateroom.programs.known import WEB
from stateroom.programs.trust_store import named_directories, trust_store


def program_access(root: Path, options: WorkspaceOptions) -> ProgramAccess:
    """Return what a project's directory may start.

    Raises:
        UsageError: STATEROOM_TRUST names something else than directories.
    """
    root = root.resolve()
    named = named_directories(options.environment)
    if options.trust or any(root.is_relative_to(directory) for directory in named):
        return ProgramAccess(root, lambda _use: "")
    store = trust_store(options.environment)

    def refusal(use: ProgramUse) -> str:
        if options.offline and use.program is WEB:
            return ""  # no web address is asked: whoever would send the request says so
        return store.refusal(root, use)

    return ProgramAccess(root, refusal)


def record_trust(root: Path, options: WorkspaceOptions, uses: Iterable[ProgramUse]) -> None:
    """Remember that a directory may start these programs. Raises StateroomError when it cannot be written."""
    trust_store(options.environment).trust(root, uses)


def wanted_programs(
    project: Project, settings: CompileOptions, services: Iterable[str], access: ProgramAccess
) -> tuple[StateroomError, ...]:
    """Compile services to find the programs that they want: `access` is asked for them. Starts none.

    Returns:
        The errors of services that cannot be compiled, so that they may want more.
    """
    from stateroom.config.compiler import compilation_of  # the compiler is not needed to show a state

    looking = replace(settings, install=False, programs=access)
    errors: list[StateroomError] = []
    for service in services:
        try:
            compilation_of(project, service, looking)
        except TrustError:  # has asked: that is what this is for
            continue
        except StateroomError as error:
            errors.append(error)
    return tuple(errors)
