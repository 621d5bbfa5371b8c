"""Base class of commands."""

# Every command gets deck and context, whichever it needs.
# ruff: noqa: ARG002

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from stateroom.ui.commands.command_context import CommandContext, Pane
from stateroom.ui.commands.controls import Deck


class Danger(Enum):
    """Effect of a command on state and cloud."""

    NONE = "changes nothing"
    WRITES = "writes state or cloud, after a plan"
    DESTROYS = "destroys, after showing what and a name typed"


class Command:
    """One thing that the user can do. Bindings, footer, palette, help and docs are made from these classes."""

    name: ClassVar[str]
    """Name in keymaps and in the palette."""
    label: ClassVar[str]
    """One or two words for the footer."""
    help: ClassVar[str]
    key: ClassVar[str]
    """The default keys, separated by commas, as Textual names them."""
    group: ClassVar[str]
    danger: ClassVar[Danger] = Danger.NONE
    panes: ClassVar[frozenset[Pane]] = frozenset()
    """Panes with which the footer shows it. Empty: all."""
    footer: ClassVar[bool] = True

    def applies(self, context: CommandContext) -> bool:
        """Tell whether the command makes sense for what is open; if not, the footer leaves it out."""
        return True

    def disabled(self, context: CommandContext) -> str | None:
        """Return why the command cannot run now, in a few words; None if it can."""
        return None

    def run(self, deck: Deck, context: CommandContext) -> None:
        """Run the command. Only called when `disabled` returns None."""
        raise TypeError(f"{type(self).__name__} has no run()")
