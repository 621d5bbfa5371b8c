"""Look into a state, and change it without touching the cloud.

  list                      every resource, components with what they are made of
  show NAME                 one resource: its values, what it refers to, what refers to it
  export                    the whole state as a file; --decrypt writes secrets in the clear
  import FILE               replace the state by a file (a checkpoint, `pulumi stack export`, `sst state export`)
  remove NAME…              drop resources from the state; the cloud keeps them
  move NAME… --to SERVICE   move resources, with their children, into another state
  rename-stage NEW          make the state that of another stage
  repair                    make it keep the rules again, or bring it back from its newest good version
  pending [SERVICE…]        steps with an unknown outcome; --ask asks the cloud again, --drop ADDRESS drops one
  edit                      change it in $VISUAL or $EDITOR
  prune --keep N            delete all but the newest N versions, and packages that nothing needs then

NAME is a URN or a name that only one resource has. Every change is shown first, is a version afterwards, and what was
there before is one, too.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from stateroom.commands.context import Invocation
from stateroom.errors import UsageError

# Action → (module, flags that it takes, names that it takes: fewest, most; None: any number).
_ACTIONS: dict[str, tuple[str, frozenset[str], int, int | None]] = {
    "list": ("state_reading", frozenset(), 0, 0),
    "show": ("state_reading", frozenset({"decrypt"}), 1, 1),
    "export": ("state_reading", frozenset({"decrypt", "out"}), 0, 0),
    "import": ("state_changing", frozenset({"dry_run"}), 1, 1),
    "remove": ("state_changing", frozenset({"dry_run", "with_dependants", "keep_dependants", "force"}), 1, None),
    "move": ("state_moving", frozenset({"dry_run", "to"}), 1, None),
    "rename-stage": ("state_moving", frozenset({"dry_run"}), 1, 1),
    "repair": ("state_changing", frozenset({"dry_run"}), 0, 0),
    "pending": ("state_pending", frozenset({"dry_run", "ask", "drop"}), 0, None),
    "edit": ("state_changing", frozenset({"dry_run"}), 0, 0),
    "prune": ("state_pruning", frozenset({"dry_run", "keep", "object_versions"}), 0, 0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of state."""
    parser.add_argument("action", choices=list(_ACTIONS), metavar="ACTION", help=" ".join(_ACTIONS))
    parser.add_argument("names", nargs="*", metavar="NAME", help="resources, a file, or a stage, as the action needs")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done and stop")
    parser.add_argument("--with-dependants", action="store_true", help="remove: drop whatever refers to them as well")
    parser.add_argument("--keep-dependants", action="store_true", help="remove: keep it, and take the references out")
    parser.add_argument("--force", action="store_true", help="remove: even what is protected")
    parser.add_argument("--decrypt", action="store_true", help="show, export: secrets in the clear")
    parser.add_argument("--out", metavar="FILE", help="export: write here, readable by you only")
    parser.add_argument("--to", metavar="SERVICE", help="move: the service that takes them")
    parser.add_argument("--ask", action="store_true", help="pending: ask the cloud again how they ended")
    parser.add_argument("--drop", action="append", metavar="ADDRESS", help="pending: drop it; may be repeated")
    parser.add_argument("--keep", type=int, metavar="N", help="prune: how many versions stay")
    parser.add_argument("--object-versions", action="store_true", help="prune: also what the bucket itself kept")


def run(context: Invocation) -> int:
    """Run the action; returns the exit code."""
    options = context.options
    module, flags, fewest, most = _ACTIONS[options.action]
    for flag in (
        "dry_run",
        "with_dependants",
        "keep_dependants",
        "force",
        "decrypt",
        "out",
        "to",
        "ask",
        "drop",
        "keep",
        "object_versions",
    ):
        if getattr(options, flag) and flag not in flags:
            raise UsageError(f"state {options.action} takes no --{flag.replace('_', '-')}", todo="see state --help")
    if len(options.names) < fewest or (most is not None and len(options.names) > most):
        wanted = "no argument" if most == 0 else "one argument" if most == 1 else "at least one name"
        raise UsageError(f"state {options.action} takes {wanted}", todo="see stateroom state --help")
    action = getattr(import_module(f"stateroom.commands.{module}"), f"run_{options.action.replace('-', '_')}")
    code: int = action(context)
    return code
