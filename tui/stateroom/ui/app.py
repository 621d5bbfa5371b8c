"""The Textual application: themes, keys, the palette, and the deck.

The first paint is an empty window with a title; the deck, and with it most of the package, is loaded right after.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.events import Key
from textual.filter import LineFilter
from textual.widgets import Static

from stateroom.errors import UsageError
from stateroom.ui.looks import themes
from stateroom.ui.options import ScreenOptions

if TYPE_CHECKING:
    from stateroom.engine.requests import Cockpit
    from stateroom.ui.deck.deck_screen import DeckScreen

__all__ = ["ScreenOptions", "StateroomApp", "run"]


def _commands() -> type[Provider]:
    from stateroom.ui.palette import CommandProvider

    return CommandProvider


class StateroomApp(App[int], inherit_bindings=False):
    """Application with one main screen, the deck."""

    TITLE = "stateroom"
    CSS = "#opening { background: $panel; height: 1; padding: 0 1; }"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    # Only where no screen has the key: before the deck is there, and in the palette.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,ctrl+q", "leave", "Quit", show=False)]

    def __init__(
        self,
        cockpit_factory: Callable[[], Cockpit],
        options: ScreenOptions | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options or ScreenOptions()
        _check_keymap(self.options)
        super().__init__()
        self._factory = cockpit_factory
        self._clock = clock
        self._ascii = _ascii_filters(self.options)
        self.deck: DeckScreen | None = None
        self._early: list[str] = []  # keys that were typed before there was a deck to take them
        self.theme = self._theme_named(self.options.theme)
        self.animation_level = "none"
        self.set_keymap(dict(self.options.keymap))

    def _theme_named(self, name: str) -> str:
        for theme in (themes.DARK, themes.LIGHT):
            self.register_theme(theme)
        full = themes.NAMES.get(name, name)
        if full not in self.available_themes:
            raise UsageError(
                f"there is no theme {name!r}", todo=f"themes: dark, light, {', '.join(self.available_themes)}"
            )
        return full

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Add the colours of the three sides, under any theme."""
        return themes.variables(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every painted line; with --ascii the last makes it ASCII."""
        return (*super().get_line_filters(), *self._ascii)

    def compose(self) -> ComposeResult:
        """Compose the window before the deck."""
        yield Static("stateroom", id="opening")

    def on_ready(self) -> None:
        """Load and open the deck, after the first paint."""
        from stateroom.ui.commands import effective_keys
        from stateroom.ui.deck.deck_screen import DeckScreen

        keys = effective_keys(self.options.keymap)
        options = self.options
        self.deck = DeckScreen(
            self._factory,
            keys,
            self._clock,
            read_only=options.read_only,
            prompt=options.prompt,
            home=options.home,
        )
        self.push_screen(self.deck)
        self.deck.call_after_refresh(self._type_early_keys)

    def on_key(self, event: Key) -> None:
        """Keep a key for the deck that is about to open: who types ahead loses none."""
        if self.deck is None:
            self._early.append(event.key)
            event.stop()

    def _type_early_keys(self) -> None:
        early, self._early = self._early, []
        for key in early:
            self.simulate_key(key)

    def action_leave(self) -> None:
        """Quit as the deck would, or at once before there is one."""
        if self.deck is None:
            self.exit(0)
        else:
            self.deck.operations.leave()

    def _fatal_error(self) -> None:
        # Textual would print every local variable of every frame, and one of them may hold a secret.
        from stateroom.ui.workers.engine_client import explain

        error = sys.exc_info()[1]
        lines = explain(error) if isinstance(error, Exception) else ("stateroom was interrupted",)
        self.panic(Text("\n".join(lines)))

    async def settled(self) -> None:
        """Wait until nothing is read, planned or carried out any more, and the screen shows all of it."""
        while self.is_running and (self.deck is None or not self.deck.settled):
            await asyncio.sleep(0.005)


def _ascii_filters(options: ScreenOptions) -> tuple[LineFilter, ...]:
    if not options.ascii:
        return ()
    from stateroom.ui.looks.ascii_filter import AsciiFilter

    return (AsciiFilter(),)


def _check_keymap(options: ScreenOptions) -> None:
    if options.keymap:
        from stateroom.ui.commands import effective_keys

        effective_keys(options.keymap)


def run(cockpit_factory: Callable[[], Cockpit], *, options: ScreenOptions) -> int:
    """Open the screen until the user leaves; returns the exit code of the process.

    A thread calls the factory after the first paint. However the screen ends, a running operation is stopped, and
    this waits for it.

    Raises:
        UsageError: an unknown theme, or a keymap that names no command or gives one key to two.
    """
    app = StateroomApp(cockpit_factory, options)
    try:
        result = app.run(mouse=options.mouse)
    finally:
        if app.deck is not None:
            app.deck.engine.close()
    return result if result is not None else app.return_code or 0
