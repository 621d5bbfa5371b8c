"""Ask whether a project may start its programs, before a deploy needs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stateroom.commands.context import Invocation
from stateroom.engine.requests import Cockpit, TrustCockpit
from stateroom.errors import TrustError
from stateroom.model.plan import Plan
from stateroom.presentation.programs import CONSEQUENCE, use_lines


def with_trust(context: Invocation, cockpit: Cockpit, make: Callable[[], Plan]) -> Plan:
    """Make a plan; where it wants a program that may not run, ask the user, remember a yes, and make it again.

    --yes answers questions about the plan, not this one.

    Raises:
        TrustError: the answer is no, or nobody can be asked.
    """
    try:
        return make()
    except TrustError:
        if not (context.console.terminal and isinstance(cockpit, TrustCockpit)):
            raise
        root = Path(cockpit.info().path)
        uses = cockpit.untrusted_programs()
        for line in (*use_lines(uses, root), CONSEQUENCE):
            context.console.say(line)
        if context.console.ask(f"Allow this for {root}? [y/N] ").lower() not in ("y", "yes"):
            raise
        cockpit.trust_programs(uses)
    return make()
