"""Select the services that a command is about."""

from __future__ import annotations

from collections.abc import Collection

from stateroom.commands.context import Invocation
from stateroom.commands.usage import closest
from stateroom.engine.requests import Cockpit
from stateroom.errors import UsageError


def selected_services(context: Invocation, cockpit: Cockpit) -> tuple[str, ...]:
    """Select the services of --service, or all of the project.

    Raises:
        UsageError: there is no such service.
    """
    known = cockpit.info().services
    check_services(context, known)
    return context.services or known


def check_services(context: Invocation, known: Collection[str]) -> None:
    """Check the services of --service. Raises UsageError for one that is not known, with the closest that is."""
    for name in context.services:
        if name not in known:
            guess = closest(name, known) or f"there are: {', '.join(known)}"
            raise UsageError(f"there is no service {name!r}", todo=guess)


def single_service(context: Invocation, cockpit: Cockpit) -> str:
    """Select the service of a command that can be about one only.

    Raises:
        UsageError: none or several are named, and the project has several.
    """
    known = cockpit.info().services
    wanted = context.services or known
    if len(wanted) == 1:
        check_services(context, known)
        return wanted[0]
    names = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
    raise UsageError("this is for one service at a time", todo=f"add --service: one of {names}")
