"""Which of the global options a command uses. One that it would ignore is refused: the answer would be about more."""

from __future__ import annotations

import argparse
from typing import Final

from stateroom.errors import UsageError

TAKE_TARGETS: Final = frozenset({"status", "diff", "plan", "deploy", "refresh", "heal", "accept", "remove", "rollback"})
_HOME_WIDE: Final = "it is about a whole home, with every service and stage in it"
_OWN_WORLD: Final = "it brings a project, a home and a cloud of its own"
_NOT_OF_DEMO: Final = ("project", "stage", "service", "param", "home", "profile", "region", "endpoint_url", "offline")
_NO_PLACE: Final = "it is about directories of this machine"

# Command → (why, options that it has no use for).
_UNUSED: Final = {
    "bootstrap": (_HOME_WIDE, ("service",)),
    "orphans": (_HOME_WIDE, ("service",)),
    "reset": (_HOME_WIDE, ("service",)),
    "demo": (_OWN_WORLD, (*_NOT_OF_DEMO, "json", "yes")),
}
_OF_TRUST: Final = ("stage", "service", "param")  # where the cloud and a home are is often an alias's to say


def refuse_unused(command: str, options: argparse.Namespace) -> None:
    """Raise UsageError for a global option that was given and that the command does not use.

    `--read-only`, `--offline`, `--yes`, `--no-color` and `--ascii` ask for less than a command may do, and hold for
    each; where a home, a profile, a region or an address is looked up, the options that name them are used.
    """
    if options.target and command not in TAKE_TARGETS:
        raise UsageError(
            f"stateroom {command} takes no --target", todo=f"it goes with {', '.join(sorted(TAKE_TARGETS))}"
        )
    why, names = _UNUSED.get(command, ("", ()))
    if command == "trust" and (options.list or options.revoke):
        why, names = _NO_PLACE, _OF_TRUST
    for name in names:
        if getattr(options, name, None):
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"stateroom {command} takes no {flag}", why=why, todo=f"leave {flag} out")
