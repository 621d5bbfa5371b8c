"""Words of a command line that are neither options nor a command: a service's name, a directory, or a slip."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from stateroom.commands import COMMANDS
from stateroom.commands.usage import closest
from stateroom.config.project_files import service_names
from stateroom.errors import UsageError


def is_path(word: str) -> bool:
    """Tell whether a word is written as a path: `./x`, `../x`, `~/x`, `a/b`."""
    return "/" in word or "\\" in word or word.startswith(("~", "."))


def check_service_word(word: str, command: str, options: argparse.Namespace) -> None:
    """Check the first word of `stateroom SERVICE COMMAND`.

    A project whose services' names are not written out is not judged here: opening it does that.

    Raises:
        UsageError: no service of the project has that name.
    """
    if is_path(word):
        raise UsageError(f"{word} is a directory, not a service", todo=f"stateroom {command} --project {word}")
    known = service_names(Path(options.project or ".").expanduser())
    unknown = [name for name in word.split(",") if name and name not in known] if known else []
    if not unknown:
        return
    guess = closest(unknown[0], known) or closest(unknown[0], COMMANDS)
    if not guess and Path(word).is_dir():
        guess = f"for the project in that directory: stateroom {command} --project {word}"
    raise UsageError(
        f"{unknown[0]!r} is neither a command nor a service of the project",
        why=f"the project has: {', '.join(known)}",
        todo=guess or f"stateroom {command} --service NAME, or stateroom NAME {command}",
    )


def only_path(words: Sequence[str], options: argparse.Namespace) -> str | None:
    """Return the PATH of `stateroom PATH`, None without one.

    Raises:
        UsageError: there are several words, so the last ones should have been a command and what it takes.
    """
    if len(words) < 2:
        return words[0] if words else None
    first, second = words[:2]
    project = Path(options.project or ".").expanduser()
    if not is_path(first) and first not in service_names(project) and not Path(first).exists():
        raise unknown_word(first, project)
    raise UsageError(f"there is no command {second!r}", todo=closest(second, COMMANDS) or "see stateroom --help")


def unknown_word(word: str, project: Path) -> UsageError:
    """Build the error for a single word that names no directory: a service without a command, or a slip."""
    known = service_names(project)
    if word in known:
        return UsageError(
            f"{word!r} is a service, and no command says what to do with it",
            todo=f"stateroom {word} status, for one; stateroom --service {word} for the screen",
        )
    return UsageError(
        f"{word!r} is neither a command nor a directory" + (", nor a service of the project" if known else ""),
        todo=closest(word, (*COMMANDS, *known)) or "see stateroom --help",
    )
