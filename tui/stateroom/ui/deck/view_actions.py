"""View actions: dialogs that change nothing, opened from the row under the cursor or by a key."""

from __future__ import annotations

from collections.abc import Callable

from stateroom.model.version import Version
from stateroom.ui.commands import CommandContext, Pane, display_key
from stateroom.ui.deck.dispatch import EventDispatcher
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.screens.help_screen import HelpScreen
from stateroom.ui.screens.value_screen import ValueScreen
from stateroom.ui.screens.version_screen import VersionScreen
from stateroom.ui.workers.engine_events import Answered, SnapshotsRead


class ViewActions:
    """Dialogs of the deck, and the engine's answers for them.

    Args:
        run_command: runs a command by name.
    """

    def __init__(self, parts: DeckParts, run_command: Callable[[str], None]) -> None:
        self._engine, self._panes, self._keys, self._view = parts.engine, parts.panes, parts.keys, parts.view
        self._run_command = run_command
        self._version_screen: VersionScreen | None = None

    def subscribe(self, dispatcher: EventDispatcher) -> None:
        """Handle the answers to questions of dialogs."""
        dispatcher.on(SnapshotsRead, self._snapshots_read)
        dispatcher.on(Answered, lambda event: event.deliver())

    # The row under the cursor.

    def open_chosen(self) -> None:
        """Open the row that was chosen: the next pane, a version, or a whole value."""
        panes = self._panes
        if panes.focused is Pane.SERVICES:
            panes.focus(Pane.RESOURCES)
        elif panes.focused is Pane.RESOURCES:
            panes.focus(Pane.DIFF)
        elif panes.focused is Pane.VERSIONS and panes.versions.version:
            self._open_version(panes.versions.service, panes.versions.version)
        elif panes.focused is Pane.DIFF:
            self._open_value()

    def _open_value(self) -> None:
        diff, resource = self._panes.diff.attribute, self._panes.diff.table.resource
        if diff and resource:
            address = f"{resource.service}/{resource.logical_id}"
            self._view.app.push_screen(ValueScreen(address, diff, self._panes.diff.table.values(diff)))

    def _open_version(self, service: str, version: Version) -> None:
        keys = display_key(self._keys["rollback"]), display_key(self._keys["rollback_state"])
        self._version_screen = VersionScreen(service, version, keys)
        self._view.app.push_screen(self._version_screen, self._version_closed)
        self._engine.read_snapshots(service, version.name)

    def _version_closed(self, command: str | None) -> None:
        self._version_screen = None
        if command:
            self._run_command(command)

    def _snapshots_read(self, event: SnapshotsRead) -> None:
        screen = self._version_screen
        if screen is None or (screen.service, screen.version.name) != event.asked:
            return  # the user has left it
        if event.error:
            screen.fail(event.error)
        else:
            screen.show_states(event.then, event.now)

    # Secrets, themes and help.

    def toggle_secrets(self) -> None:
        """Ask, and show secret values; mask them again without a question."""
        diff = self._panes.diff
        if diff.table.revealed:
            diff.reveal(False)
        else:
            lines = ("Whoever sees this screen sees them. v masks them again; copies stay masked.",)
            self._view.ask("Show secret values?", lines, "Show them", lambda: diff.reveal(True))

    def show_passphrase(self, service: str) -> None:
        """Show where the passphrase of a service is kept."""
        from stateroom.ui.screens.passphrases_screen import PassphrasesScreen  # rarely wanted: not at the start

        self._engine.prompt.allow()
        self._view.app.push_screen(PassphrasesScreen(service, self._engine.ask))

    def show_app_secrets(self, service: str) -> None:
        """Show the names of an app's own secrets."""
        from stateroom.ui.screens.app_secrets_screen import AppSecretsScreen, secret_names

        self._engine.prompt.allow()
        screen = AppSecretsScreen(service)
        self._view.app.push_screen(screen)
        self._engine.ask(lambda cockpit: secret_names(cockpit, service), screen.show)

    def choose_theme(self) -> None:
        """Open Textual's own picker of themes."""
        self._view.app.search_themes()

    def open_help(self, context: CommandContext) -> None:
        """Show every command, with the reasons why some are disabled now."""
        self._view.app.push_screen(HelpScreen(context, self._keys))
