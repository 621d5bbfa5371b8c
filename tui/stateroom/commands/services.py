"""Which services a command is about."""

from __future__ import annotations

from stateroom.commands.context import Invocation
from stateroom.commands.usage import closest
from stateroom.engine.requests import Cockpit
from stateroom.errors import UsageError


def chosen(context: Invocation, cockpit: Cockpit) -> tuple[str, ...]:
    """Choose the services of --service, or all of the project.

    Raises:
        UsageError: there is no such service.
    """
    known = cockpit.info().services
    for name in context.services:
        if name not in known:
            guess = closest(name, known) or f"there are: {', '.join(known)}"
            raise UsageError(f"there is no service {name!r}", todo=guess)
    return context.services or known
