"""Allow a project's directory to start the programs that it wants, or stop that.

Reading starts nothing of a project. What pip would install, what esbuild would build, and what only git can tell, is
shown here; a yes is remembered for this directory with the files that decide what the programs do. When one of those
files changes, it is asked again. `deploy` asks the same question by itself. Without a terminal: stateroom trust --yes,
or STATEROOM_TRUST.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.prompts import confirm
from stateroom.commands.services import check_services
from stateroom.config.project_files import project_root
from stateroom.engine.opening.project_loading import read_project, settings_of
from stateroom.engine.opening.project_trust import program_access, record_trust, wanted_programs
from stateroom.errors import TrustError, UsageError
from stateroom.presentation.programs import CONSEQUENCE, use_json, use_lines
from stateroom.presentation.text import plain
from stateroom.programs.access import ProgramAccess
from stateroom.programs.trust_store import TrustedDirectory, trust_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of trust."""
    parser.add_argument("path", nargs="?", metavar="PATH", help="the project's directory (default: here)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="list the directories that are trusted")
    which.add_argument("--revoke", action="store_true", help="trust the directory no more")


def run(context: Invocation) -> int:
    """Show, ask and remember; returns the exit code."""
    if context.options.list:
        return _list(context)
    if context.options.revoke:
        return _revoke(context)
    return _trust(context)


def _trust(context: Invocation) -> int:
    console, root = context.console, _root(context)
    answer = "nothing"
    while True:  # what is allowed may let the rest of the project be read, which may want more
        access = _wanted(context, root)
        lines = use_lines(access.wanted, root)
        if not access.refused:
            break
        for line in (*lines, CONSEQUENCE):
            console.say(line)
        if not confirm(context, f"This allows it for {root}, until one of those files changes"):
            console.say("Nothing was allowed.")
            return FAILED
        record_trust(root, context.workspace_options(), access.wanted)
        answer = "trusted"
    if answer == "trusted":
        console.say(f"{root} is trusted.")
    elif access.wanted:
        answer = "trusted"
        for line in (f"{root} is trusted with what it wants:", *lines):
            console.say(line)
    else:
        console.say(f"Nothing in {root} wants a program started.")
    if console.as_json:
        wanted = [use_json(use, root) for use in access.wanted]
        console.document({"path": str(root), "answer": answer, "wants": wanted})
    return 0


def _wanted(context: Invocation, root: Path) -> ProgramAccess:
    """Read the project, and return what it asks for; errors are warnings, since there may be more behind them."""
    options = context.workspace_options()
    access = program_access(root, options)
    try:
        project = read_project(context.project(), options, access)
        check_services(context, project.services)
        services = context.services or project.meant
        errors = wanted_programs(project, settings_of(project, options), services, access)
    except TrustError:  # the project cannot be opened without what it has just asked for
        return access
    for error in errors:
        context.console.complain(f"warning: {plain(error.lines()[0])}")
    return access


def _root(context: Invocation) -> Path:
    return project_root(context.project())


def _list(context: Invocation) -> int:
    """Print the trusted directories; their JSON has path, since, programs (with files) and changed (files)."""
    directories = trust_store(context.host.environment).directories()
    if context.console.as_json:
        context.console.document({"directories": [_directory_json(item) for item in directories]})
        return 0
    for item in directories:
        changed = item.changed()
        note = f"  asks again: {', '.join(changed)} changed" if changed else ""
        context.console.say(plain(f"{item.path}  {', '.join(sorted(item.programs))}  since {item.since}{note}"))
    if not directories:
        context.console.say("No directory is trusted.")
    return 0


def _directory_json(item: TrustedDirectory) -> dict[str, object]:
    programs = {name: sorted(files) for name, files in item.programs.items()}
    return {"path": str(item.path), "since": item.since, "programs": programs, "changed": list(item.changed())}


def _revoke(context: Invocation) -> int:
    # The directory may be gone, and is forgotten all the same.
    root = Path(context.options.path or context.options.project or ".").expanduser().resolve()
    root = root.parent if root.is_file() else root
    if not trust_store(context.host.environment).revoke(root):
        raise UsageError(f"{root} is not trusted", todo="stateroom trust --list names what is")
    context.console.say(f"{root} is not trusted any more.")
    if context.console.as_json:
        context.console.document({"path": str(root), "answer": "revoked", "wants": []})
    return 0
