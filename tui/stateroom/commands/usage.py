"""Wrong usage, with the closest thing that would have been right."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable

from stateroom.errors import UsageError


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or nothing."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {matches[0]}?" if matches else ""


def wrong_usage(parser: argparse.ArgumentParser, message: str) -> UsageError:
    """Build the UsageError for a message of argparse."""
    flags = [flag for action in parser._actions for flag in action.option_strings]
    unknown = message.removeprefix("unrecognized arguments: ").split()
    guess = ""
    if choice := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message):
        guess = closest(choice[1], re.findall(r"[^\s',]+", choice[2]))
    if message.startswith("unrecognized arguments") and unknown[0].startswith("-"):
        guess = closest(unknown[0].split("=")[0], flags)
        # The value after an unknown option, or a secret mistyped into one, is not repeated.
        message = f"there is no option {unknown[0].split('=')[0]}"
    elif message.startswith("unrecognized arguments"):
        message = f"{parser.prog} takes no argument {unknown[0]!r}"
    return UsageError(message, todo=guess or f"see {parser.prog} --help")
