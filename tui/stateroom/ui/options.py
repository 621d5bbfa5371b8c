"""Options of the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt

if TYPE_CHECKING:
    from stateroom.ui.workers.reset_client import ResettableHome


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """Options of the command line that concern the screen.

    `theme` is "dark", "light" or the name of any Textual theme; `keymap` maps a command's name to its keys
    ("deploy": "D" or "D,f5").
    """

    read_only: bool = False
    ascii: bool = False
    mouse: bool = True
    theme: str = "dark"
    keymap: Mapping[str, str] = field(default_factory=dict)
    prompt: PassphrasePrompt | None = None  # the one that the cockpit asks; the screen answers it
    home: Callable[[], ResettableHome] | None = None  # None: there is no home to reset
