"""Where the passphrase of a state is kept, and what can be done about it.

  status    every place, whether it has one, and whether that one fits
  set       keep one in the keyring, after checking it against the state (asked for, or from standard input)
  forget    take it out of the keyring
  restore   put one that was deleted from SSM back there, from the keyring or the environment, after checking it
  rotate    a new one: state, versions and secrets are encrypted anew
  export    print it, for a vault of your own

A passphrase is never an argument, never in a file, and never in a log.
"""

from __future__ import annotations

import argparse
import getpass

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.prompts import confirm
from stateroom.commands.services import single_service
from stateroom.commands.termination import about_to_write
from stateroom.engine.tools.passphrase_rotation import is_interrupted, rotate
from stateroom.engine.tools.passphrases import Passphrases
from stateroom.engine.tools.state_tools import StateTools, tools_of
from stateroom.presentation.text import plain

_ACTIONS = ("status", "set", "forget", "restore", "rotate", "export")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of passphrase."""
    parser.add_argument("action", choices=_ACTIONS, metavar="ACTION", help=" ".join(_ACTIONS))
    parser.add_argument("--force", action="store_true", help="forget: even when it is kept nowhere else")


def run(context: Invocation) -> int:
    """Run the action; returns the exit code."""
    action = context.options.action
    cockpit = context.open() if action in ("status", "export") else context.open_for_writing()
    tools = tools_of(cockpit, single_service(context, cockpit))
    if action not in ("status", "export"):
        about_to_write()
    code: int = globals()[f"_{action}"](context, tools)
    return code


def _status(context: Invocation, tools: StateTools) -> int:
    """0 when the first passphrase that would be used fits, or none is needed; else 1."""
    places = Passphrases(tools).status()
    interrupted = is_interrupted(tools)
    if context.console.as_json:
        rows = [{"source": p.source, "kept": p.kept, "fits": p.fits, "note": p.note} for p in places]
        context.console.document({"places": rows, "rotation_interrupted": interrupted})
    for place in places:
        verdict = {True: "fits", False: "does NOT fit", None: "cannot be checked: nothing is encrypted yet"}[place.fits]
        text = verdict if place.kept else "none"
        note = f"  ({plain(place.note)})" if place.note else ""
        context.console.say(f"{place.source:<12} {text}{note}")
    if interrupted:
        context.console.say("A rotation was interrupted: run `stateroom passphrase rotate` again.")
    first = next((place for place in places if place.kept), None)
    return FAILED if interrupted or (first is not None and first.fits is False) else 0


def _set(context: Invocation, tools: StateTools) -> int:
    phrase = _read(context, f"Passphrase of {tools.app}/{tools.stage}: ")
    Passphrases(tools).set(phrase)
    return _say(context, "Kept in the keyring, and read back.")


def _forget(context: Invocation, tools: StateTools) -> int:
    Passphrases(tools).forget(even_the_last=context.options.force)
    return _say(context, "The keyring has forgotten it.")


def _restore(context: Invocation, tools: StateTools) -> int:
    return _say(context, f"Restored: {Passphrases(tools).restore()}.")


def _rotate(context: Invocation, tools: StateTools) -> int:
    what = f"State, versions and secrets of {tools.app}/{tools.stage} are encrypted with a new passphrase"
    if not confirm(context, what):
        return _say(context, "Nothing was changed.") or FAILED
    done = rotate(tools)
    left = f" {done.left} versions that no known passphrase opens were left as they are." if done.left else ""
    return _say(context, f"Done: {done.files} files encrypted anew; the new one is in {', '.join(done.kept_in)}.{left}")


def _export(context: Invocation, tools: StateTools) -> int:
    phrase: str = Passphrases(tools).export().reveal()
    what = f"The passphrase of {tools.app}/{tools.stage} is printed here, in the clear"
    if not context.options.yes and context.console.terminal and not confirm(context, what):
        return FAILED
    if context.console.as_json:
        context.console.document({"action": "export", "passphrase": phrase})
    else:
        context.host.out.write(phrase + "\n")
    return 0


def _say(context: Invocation, text: str) -> int:
    context.console.say(text)
    if context.console.as_json:
        context.console.document({"action": context.options.action, "result": text})
    return 0


def _read(context: Invocation, question: str) -> str:
    """From the terminal without echo, else one line of standard input."""
    if context.console.terminal:
        return getpass.getpass(question)
    return context.host.input.readline().rstrip("\r\n")
