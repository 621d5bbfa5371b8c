"""All commands of the screen, one class each, in one list."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.errors import UsageError
from stateroom.ui.commands import home, navigation, operations, secrets, view
from stateroom.ui.commands.base import Command, Danger
from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck
from stateroom.ui.commands.operations import scope

__all__ = [
    "COMMANDS",
    "Command",
    "CommandContext",
    "Danger",
    "Deck",
    "Pane",
    "display_key",
    "effective_keys",
    "markdown",
    "scope",
]

COMMANDS: tuple[Command, ...] = (
    operations.DeployCommand(),
    operations.RefreshCommand(),
    operations.HealCommand(),
    operations.AcceptCommand(),
    operations.AcceptResourceCommand(),
    operations.RollBackCommand(),
    operations.RollBackStateCommand(),
    operations.RemoveCommand(),
    home.ResetHomeCommand(),
    home.UnlockCommand(),
    view.SelectCommand(),
    view.SelectAllCommand(),
    view.FilterCommand(),
    view.ClearCommand(),
    view.NextCommand(),
    view.PreviousCommand(),
    view.OpenCommand(),
    view.UnfoldCommand(),
    view.FoldCommand(),
    view.FoldAllCommand(),
    secrets.SecretsCommand(),
    secrets.PassphraseCommand(),
    secrets.AppSecretsCommand(),
    view.RereadCommand(),
    view.ActivityCommand(),
    view.CopyCommand(),
    view.SaveCommand(),
    navigation.ThemeCommand(),
    navigation.GoServicesCommand(),
    navigation.GoResourcesCommand(),
    navigation.GoVersionsCommand(),
    navigation.GoDiffCommand(),
    navigation.GoActivityCommand(),
    navigation.BackCommand(),
    navigation.StopCommand(),
    navigation.HelpCommand(),
    navigation.QuitCommand(),
)
"""All commands, in the order of footer, help and docs."""

_KEY_NAMES = {
    "slash": "/",
    "minus": "-",
    "equals_sign": "=",
    "question_mark": "?",
    "escape": "esc",
    "space": "space",
    "enter": "enter",
}


def display_key(keys: str) -> str:
    """Return the first of some keys as people write it: `?`, `ctrl+r`, `A`."""
    first = keys.partition(",")[0].strip()
    return _KEY_NAMES.get(first, first)


def effective_keys(keymap: Mapping[str, str]) -> dict[str, str]:
    """Map each command's name to its keys, with the user's keymap applied.

    Raises:
        UsageError: the keymap names a command that does not exist, or gives one key to two commands.
    """
    known = {command.name: command.key for command in COMMANDS}
    unknown = sorted(set(keymap) - set(known))
    if unknown:
        raise UsageError(
            f"the keymap names no command {unknown[0]!r}", todo=f"commands are: {', '.join(sorted(known))}"
        )
    keys = {**known, **keymap}
    owners: dict[str, str] = {}
    for name, value in keys.items():
        for key in filter(None, (part.strip() for part in value.split(","))):
            if key in owners:
                raise UsageError(
                    f"the key {key!r} is given to both {owners[key]} and {name}",
                    todo="give one of them another key in the keymap",
                )
            owners[key] = name
    return keys


def markdown(keymap: Mapping[str, str] | None = None) -> str:
    """Format the commands as a Markdown table, for the docs."""
    keys = effective_keys(keymap or {})
    lines = ["| key | command | what it does | danger |", "|---|---|---|---|"]
    for command in COMMANDS:
        shown = " ".join(f"`{display_key(key)}`" for key in keys[command.name].split(","))
        text = command.help.replace("|", "\\|")
        lines.append(f"| {shown} | {command.name} | {text} | {command.danger.value} |")
    return "\n".join(lines)
