"""Files outside of the checkout that a project's variables name: read only where that was allowed.

A variable may stand in the address of another one, `${s3:bucket/${file(~/.aws/credentials)}}`, and so carry what it
reads to the owner of a bucket. So a checkout reads itself, and asks for everything else on the machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.git.checkout import find_checkout
from stateroom.config.variables.git.files import GitUnreadableError
from stateroom.config.variables.scope import Lookup
from stateroom.errors import TrustError
from stateroom.programs.access import NO_PROGRAMS, ProgramUse
from stateroom.programs.known import FILES

_PROCESSES: Final = Path("/proc")


def check_inside(path: Path, lookup: Lookup) -> None:
    """Check that a file, wherever links lead, is of the checkout, or may be read all the same.

    Raises:
        TrustError: it is outside, and the user has not allowed that.
        ExpressionError: it is what the system tells about processes: their environment holds keys and passphrases.
    """
    real = Path(os.path.realpath(path))  # takes a circle of links for a name, as Path.resolve does not
    if real.is_relative_to(_PROCESSES):
        raise ExpressionError(f"{path} is not read: it is about processes and their secrets", "name a file")
    if real.is_relative_to(_checkout(lookup)):
        return
    resolver = lookup.resolver
    files = (resolver.document.file.resolve(), *(file.resolve() for file in resolver.documents), real)
    use = ProgramUse(FILES, f"read {real}", tuple(dict.fromkeys(files)))
    if refusal := lookup.scope.programs.ask(use):
        raise TrustError(f"{path} is not read: it is {real}, outside of the project", todo=refusal)


def _checkout(lookup: Lookup) -> Path:
    """Return the git working tree around the project, or the project's directory without one.

    A working tree that holds the home directory is the user's, not the project's.
    """
    programs, environment = lookup.scope.programs, lookup.scope.environment
    root = (lookup.resolver.directory if programs is NO_PROGRAMS else programs.root).resolve()
    try:
        around = find_checkout(root, environment).work_tree
    except (GitUnreadableError, OSError):
        return root
    home = Path(environment.get("HOME") or "/").resolve()
    return root if home.is_relative_to(around) else around
