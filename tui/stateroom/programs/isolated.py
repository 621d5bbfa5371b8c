"""Run the programs of the table, isolated from the project that they work for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stateroom.programs.environment import child_environment
from stateroom.programs.known import ESBUILD, GIT, PIP, STRIP, find_program
from stateroom.programs.process import Finished, run

_GIT_SECONDS: Final = 10
_STRIP_SECONDS: Final = 60
# A repository's own settings start programs. Filters are named by the repository: `git_status` turns those off.
_GIT_SWITCHES: Final = (
    "--no-pager",
    "--no-optional-locks",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.sshCommand=false"),
    *("-c", "core.askPass="),
    *("-c", "core.editor=false"),
    *("-c", "core.alternateRefsCommand=false"),
    *("-c", "credential.helper="),
    *("-c", "diff.external="),
    *("-c", "gpg.program=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "submodule.recurse=false"),
    *("-c", "protocol.allow=never"),
)
_GIT_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Site:
    """A project's directory, the user's environment, and a way to stop: what running a program for it takes."""

    root: Path
    environment: Mapping[str, str]
    cancelled: Callable[[], bool] = lambda: False


def run_pip(arguments: Sequence[str], site: Site, *, temporary: Path, seconds: float) -> Finished:
    """Run pip of the Python that runs stateroom, without that Python's environment, user site and working directory.

    Raises:
        OSError: Python cannot be started.
    """
    command = [sys.executable, "-I", "-X", "utf8", "-m", "pip", *arguments]
    own = {"PIP_NO_COLOR": "1", "PIP_USER": "0", "TMPDIR": str(temporary)}
    environment = child_environment(site.environment, PIP, site.root) | own
    return run(command, environment=environment, outside=site.root, seconds=seconds, cancelled=site.cancelled)


def run_git(git_dir: Path, work_tree: Path, arguments: Sequence[str], site: Site) -> Finished:
    """Run git in a checkout that we have found, with everything off that a repository's settings could start.

    Raises:
        OSError: git cannot be started.
        StateroomError: there is none.
    """
    git = find_program(GIT.name, site.environment, site.root)
    command = [str(git), *_GIT_SWITCHES, f"--git-dir={git_dir}", f"--work-tree={work_tree}", *arguments]
    environment = child_environment(site.environment, GIT, site.root) | _GIT_ENVIRONMENT
    return run(
        command,
        environment=environment,
        outside=site.root,
        seconds=_GIT_SECONDS,
        cancelled=site.cancelled,
        apart=True,
    )


def run_strip(library: Path, site: Site) -> None:
    """Remove the symbols of a library. One that strip cannot read, such as another machine's, stays as it is.

    Raises:
        OSError: strip cannot be started.
        StateroomError: there is none.
    """
    strip = find_program(STRIP.name, site.environment, site.root)
    run(
        [str(strip), str(library)],
        environment=child_environment(site.environment, STRIP, site.root),
        outside=site.root,
        seconds=_STRIP_SECONDS,
        cancelled=site.cancelled,
    )


def run_esbuild(program: Path, arguments: Sequence[str], site: Site, *, cwd: Path, seconds: float) -> Finished:
    """Run a project's esbuild in its service's directory: what it writes names the sources from there.

    Raises:
        OSError: it cannot be started.
    """
    return run(
        [str(program), *arguments],
        environment=child_environment(site.environment, ESBUILD, site.root),
        outside=site.root,
        seconds=seconds,
        cancelled=site.cancelled,
        cwd=cwd,
    )
