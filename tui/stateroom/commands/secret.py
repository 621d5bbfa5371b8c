"""The secrets of an SST app: one set for each stage, and one that all stages fall back to.

  list            names, and with --reveal values, as NAME=value lines
  set NAME        the value is asked for, or read from standard input: it never stands on a command line
  remove NAME…    forget them
  load FILE       every NAME=value of a file; - is standard input

Changes reach the app with its next deploy.
"""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Mapping
from pathlib import Path

from stateroom.commands.context import Invocation
from stateroom.commands.services import single_service
from stateroom.commands.termination import about_to_write
from stateroom.engine.tools.app_secrets import SecretStore, secret_store
from stateroom.engine.tools.state_tools import tools_of
from stateroom.errors import UsageError
from stateroom.model.values import Secret
from stateroom.presentation.text import plain
from stateroom.presentation.values import MASK
from stateroom.state.secrets import dotenv

_ACTIONS = {"list": (0, 0), "set": (1, 1), "remove": (1, None), "load": (1, 1)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of secret."""
    parser.add_argument("action", choices=list(_ACTIONS), metavar="ACTION", help=" ".join(_ACTIONS))
    parser.add_argument("names", nargs="*", metavar="NAME", help="secrets, or a file")
    parser.add_argument("--fallback", action="store_true", help="the set that all stages fall back to")
    parser.add_argument("--reveal", action="store_true", help="list: values, too")


def run(context: Invocation) -> int:
    """Run the action; returns the exit code."""
    options = context.options
    fewest, most = _ACTIONS[options.action]
    if options.action == "set" and len(options.names) > 1:
        raise UsageError(
            "secret set takes the name only",
            why="what stands on a command line can be read by others, and stays in its history",
            todo=f"run `stateroom secret set {options.names[0]}` and type the value, or send it to standard input",
        )
    if len(options.names) < fewest or (most is not None and len(options.names) > most):
        raise UsageError(f"secret {options.action} takes other arguments", todo="see stateroom secret --help")
    cockpit = context.open() if options.action == "list" else context.open_for_writing()
    secrets = secret_store(tools_of(cockpit, single_service(context, cockpit)), fallback=options.fallback)
    if options.action != "list":
        about_to_write()
    code: int = globals()[f"_{options.action}"](context, secrets)
    return code


def _list(context: Invocation, secrets: SecretStore) -> int:
    sets = secrets.sets()
    if context.console.as_json:
        shown = {
            title: {name: _shown(context, value) for name, value in found.items()} for title, found in sets.items()
        }
        context.console.document({"secrets": shown})
        return 0
    for title, found in sets.items():
        context.console.say(context.console.paint(f"# {plain(title)}", "bold"))
        values = {name: _shown(context, value) for name, value in found.items()}
        for line in dotenv.lines(values) if context.options.reveal else [f"{name}={MASK}" for name in sorted(values)]:
            context.console.say(line)
        if not found:
            context.console.say("(none)")
    return 0


def _shown(context: Invocation, value: Secret) -> str:
    return str(value.reveal()) if context.options.reveal else MASK


def _set(context: Invocation, secrets: SecretStore) -> int:
    name = secrets.checked(context.options.names[0])
    if context.console.terminal:
        value = getpass.getpass(f"Value of {name}: ")
    else:
        value = context.host.input.read().rstrip("\r\n")
    return _done(context, secrets.set({name: value}), f"{name} is set")


def _remove(context: Invocation, secrets: SecretStore) -> int:
    return _done(context, secrets.remove(context.options.names), f"{', '.join(context.options.names)} removed")


def _load(context: Invocation, secrets: SecretStore) -> int:
    file = context.options.names[0]
    try:
        text = context.host.input.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}", why=getattr(error, "strerror", "") or "it is not text") from error
    values = {secrets.checked(name): value for name, value in dotenv.parse(text).items()}
    if not values:
        raise UsageError(f"there are no secrets in {file}", todo="write one NAME=value a line")
    return _done(context, secrets.set(values), f"{len(values)} secrets loaded")


def _done(context: Invocation, now: Mapping[str, Secret], text: str) -> int:
    context.console.say(f"{text}. The next deploy hands it to the app.")
    if context.console.as_json:
        context.console.document({"names": sorted(now)})
    return 0
