"""The screen's application: themes, keys, the palette, and the deck."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual.app import App

from stateroom.engine.requests import Cockpit
from stateroom.errors import UsageError
from stateroom.ui import themes
from stateroom.ui.commands import effective_keys
from stateroom.ui.options import ScreenOptions
from stateroom.ui.palette import CommandProvider
from stateroom.ui.screens.deck import DeckScreen
from stateroom.ui.session import explain

__all__ = ["ScreenOptions", "StateroomApp", "run"]


class StateroomApp(App[int], inherit_bindings=False):
    """Holds one deck. Everything that happens, happens there."""

    TITLE = "stateroom"
    CSS_PATH: ClassVar[list[str]] = ["styles/lines.tcss", "styles/deck.tcss", "styles/dialogs.tcss"]  # type: ignore[assignment]
    COMMANDS: ClassVar[set[type[CommandProvider]]] = {CommandProvider}  # type: ignore[assignment]

    def __init__(
        self,
        cockpit_factory: Callable[[], Cockpit],
        options: ScreenOptions | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options or ScreenOptions()
        keys = effective_keys(self.options.keymap)
        super().__init__()
        for theme in (themes.DARK, themes.LIGHT):
            self.register_theme(theme)
        name = themes.NAMES.get(self.options.theme, self.options.theme)
        if name not in self.available_themes:
            raise UsageError(
                f"there is no theme {name!r}", todo=f"themes: dark, light, {', '.join(self.available_themes)}"
            )
        self.theme = name
        self.animation_level = "none"
        self.set_keymap(dict(self.options.keymap))
        self.deck = DeckScreen(cockpit_factory, keys, clock, read_only=self.options.read_only)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The sides' colours, under any theme."""
        return themes.variables(self.current_theme)

    def get_default_screen(self) -> DeckScreen:
        """The deck is the first screen and the last."""
        return self.deck

    def on_load(self) -> None:
        """ASCII mode is a class, so that styles can ask for it."""
        self.set_class(self.options.ascii, "-ascii")

    def _fatal_error(self) -> None:
        # Textual would print every local variable of every frame, and one of them may hold a secret.
        error = sys.exc_info()[1]
        lines = explain(error) if isinstance(error, Exception) else ("stateroom was interrupted",)
        self.panic(Text("\n".join(lines)))

    async def settled(self) -> None:
        """Wait until nothing is read, planned or carried out any more, and all of it is on the screen."""
        while not self.deck.settled:
            await asyncio.sleep(0.005)


def run(cockpit_factory: Callable[[], Cockpit], *, options: ScreenOptions) -> int:
    """Open the screen and stay until the user leaves; the process's exit code.

    The factory is called in a thread, after the first paint. A running operation is stopped, and waited for, before
    this returns, however the screen ended.

    Raises:
        UsageError: an unknown theme, or a keymap that names no command or gives one key to two.
    """
    app = StateroomApp(cockpit_factory, options)
    try:
        result = app.run(mouse=options.mouse)
    finally:
        app.deck.session.close()
    return result if result is not None else app.return_code or 0
