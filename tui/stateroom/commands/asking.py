"""Yes or no before a state is changed: nothing runs that was not shown, and nobody is asked where nobody is."""

from __future__ import annotations

from stateroom.commands.context import Invocation
from stateroom.commands.usage import closest
from stateroom.engine.requests import Cockpit
from stateroom.errors import PlanError, UsageError


def confirmed(context: Invocation, what: str, *, typed: str = "") -> bool:
    """Whether `what` may be done: --yes, or an answer on the terminal; `typed` is what has to be typed out.

    Raises:
        PlanError: nobody can be asked, and --yes was not given.
    """
    if context.options.yes:
        return True
    if not context.console.terminal:
        why = "--json asks no questions" if context.console.as_json else "there is no terminal to ask on"
        raise PlanError(f"{what}: nothing was changed", why=why, todo="look at it, then run it again with --yes")
    if typed:
        return context.console.ask(f"{what}. Type {typed} to go on: ") == typed
    return context.console.ask(f"{what}. Go on? [y/N] ").lower() in ("y", "yes")


def one_service(context: Invocation, cockpit: Cockpit) -> str:
    """Choose the service of a command that works on exactly one.

    Raises:
        UsageError: none or several are named, and the project has several.
    """
    known = cockpit.info().services
    wanted = context.services or known
    if len(wanted) == 1:
        if wanted[0] not in known:
            raise UsageError(f"there is no service {wanted[0]!r}", todo=closest(wanted[0], known))
        return wanted[0]
    listed = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
    raise UsageError("this is for one service at a time", todo=f"add --service: one of {listed}")
