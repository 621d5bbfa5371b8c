"""The screen: what `stateroom` without a command opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stateroom.commands.context import Invocation
from stateroom.commands.words import unknown_word
from stateroom.errors import StateroomError, UsageError
from stateroom.ui.options import ScreenOptions
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt


def run(context: Invocation) -> int:
    """Open the screen on the project; returns the exit code."""
    options = context.options
    if options.path and not Path(options.path).expanduser().exists():
        raise unknown_word(options.path, Path(options.project or ".").expanduser())
    if options.json:
        raise UsageError("--json goes with a command", todo="try stateroom status --json")
    if options.offline:
        raise UsageError("--offline goes with a command", todo="try stateroom status --offline")
    if not context.console.terminal:
        raise StateroomError(
            "the screen needs a terminal",
            why="input or output is a file or a pipe",
            todo="stateroom status and stateroom diff say the same in plain text",
        )
    prompt = PassphrasePrompt()  # getpass would fight with the screen for the terminal
    project = context.project()
    opening = replace(context.workspace_options(), prompt=prompt, offer=prompt.offer)
    screen = ScreenOptions(
        read_only=options.read_only,
        ascii=options.ascii,
        mouse=not options.no_mouse,
        theme=options.theme,
        prompt=prompt,
        home=lambda: context.host.open_home(project, opening),
    )
    return context.host.open_screen(lambda: context.host.open_cockpit(project, opening), screen)
