"""Controls of the deck: what commands can ask of it. Every call returns at once."""

from __future__ import annotations

from typing import Protocol

from stateroom.engine.requests import Request
from stateroom.model.version import Lock
from stateroom.ui.commands.command_context import CommandContext, Pane


class OperationControls(Protocol):
    """Operations that write state or cloud."""

    def propose(self, request: Request, title: str) -> None:
        """Plan a request, show the plan, and run it if the user agrees."""

    def ask_unlock(self, service: str, lock: Lock) -> None:
        """Show a lock, and break it if the user agrees."""

    def stop(self) -> None:
        """Stop the running operation: once starts nothing new, twice does not wait for running steps."""

    def leave(self) -> None:
        """Quit; ask first while an operation runs."""


class SurveyControls(Protocol):
    """Reading of the project."""

    def reread(self) -> None:
        """Read files, state and cloud again."""


class ResetControls(Protocol):
    """Reset of the home."""

    def open_guide(self) -> None:
        """Open the guide through a reset of the home's bootstrap."""


class SelectionControls(Protocol):
    """Filter, marks and folds of the resource list."""

    def open_filter(self) -> None:
        """Let the user type a filter."""

    def mark(self) -> None:
        """Mark the resource under the cursor, or take its mark away."""

    def mark_all(self) -> None:
        """Mark all resources in the list."""

    def clear(self) -> None:
        """Take away the filter and all marks."""

    def step_back(self) -> bool:
        """Take away the filter, or else all marks; returns False when there was neither."""

    def next_difference(self, step: int) -> None:
        """Go to the next (1) or previous (-1) row that is not in step."""

    def fold(self) -> None:
        """Fold or open the component under the cursor."""

    def fold_all(self) -> None:
        """Fold or open all components."""


class PaneControls(Protocol):
    """Panes and the focus."""

    def focus(self, pane: Pane) -> None:
        """Send keys to a pane."""

    def back(self) -> None:
        """Go to the pane from which this one is opened."""

    def choose(self) -> None:
        """Open the row under the cursor."""

    def toggle_activity(self) -> None:
        """Show or hide the activity pane."""

    def unfold_diff(self) -> None:
        """Show or hide what the diff folds away."""


class ViewControls(Protocol):
    """Dialogs that change nothing but the view."""

    def toggle_secrets(self) -> None:
        """Show secret values, after asking; or mask them again."""

    def show_passphrase(self, service: str) -> None:
        """Show where the passphrase of a service is kept, and let the keyring keep or forget it."""

    def show_app_secrets(self, service: str) -> None:
        """Show the names of an app's own secrets."""

    def choose_theme(self) -> None:
        """Let the user pick a theme."""

    def open_help(self, context: CommandContext) -> None:
        """Show every command and the meaning of the marks."""


class ClipboardControls(Protocol):
    """Copies of what is marked or under the cursor."""

    def copy(self) -> None:
        """Copy it as text."""

    def save(self) -> None:
        """Write the same text to a file."""


class Deck(Protocol):
    """The deck as commands see it: one control for each thing that they can ask for."""

    @property
    def operations(self) -> OperationControls:
        """Operations that write state or cloud."""

    @property
    def survey(self) -> SurveyControls:
        """Reading of the project."""

    @property
    def home_reset(self) -> ResetControls:
        """Reset of the home."""

    @property
    def selection(self) -> SelectionControls:
        """Filter, marks and folds."""

    @property
    def panes(self) -> PaneControls:
        """Panes and the focus."""

    @property
    def view(self) -> ViewControls:
        """Dialogs that change nothing but the view."""

    @property
    def clipboard(self) -> ClipboardControls:
        """Copies."""
