"""The deck's looks: filter, marks, folding, secrets, copying, going from pane to pane."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from textual import on
from textual.widgets import Input

from stateroom.ui.commands import Pane
from stateroom.ui.deck.dispatch import DeckNews
from stateroom.ui.deck.selection.clipboard_text import resources_text, version_text
from stateroom.ui.deck.selection.filters import parse
from stateroom.ui.screens.ask import AskScreen
from stateroom.ui.screens.help import HelpScreen
from stateroom.ui.widgets.line_list import LineList

_BEFORE = {
    Pane.RESOURCES: Pane.SERVICES,
    Pane.VERSIONS: Pane.SERVICES,
    Pane.DIFF: Pane.RESOURCES,
    Pane.ACTIVITY: Pane.RESOURCES,
}


class DeckLooks(DeckNews):
    """Whatever changes the view and nothing else."""

    def stop(self) -> None:
        """Stop what runs; the deck knows how."""

    # Filter and marks.

    @property
    def _filter_input(self) -> Input:
        return self.query_one("#filter", Input)

    def open_filter(self) -> None:
        """Type under the list; it filters with every key."""
        self._filter_input.add_class("-shown")
        self._filter_input.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        before = self.resources.resource
        self.filter = parse(event.value)
        self.reload_resources()
        if before is not None and not self.filter(before):
            self.resources.move_to(0)  # the best place to look at what is left

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.focus_pane(Pane.RESOURCES)
        self._filter_input.remove_class("-shown")

    def _drop_filter(self) -> bool:
        had = bool(self.filter) or self._filter_input.has_class("-shown")
        if self._filter_input.has_focus:
            self.focus_pane(Pane.RESOURCES)
        self._filter_input.remove_class("-shown")
        self._filter_input.value = ""
        if self.filter:
            self.filter = parse("")
            self.reload_resources()
        return had

    def mark(self) -> None:
        """The resource under the cursor."""
        self.resources.toggle()
        self.show_keys()

    def mark_all(self) -> None:
        """All that the filter shows."""
        self.resources.mark_all()
        self.show_keys()

    def clear(self) -> None:
        """Everything is shown, nothing is marked."""
        self._drop_filter()
        self.resources.clear_marks()

    def back(self) -> None:
        """The innermost thing first: typing, filter, marks, what runs, the pane."""
        if self._drop_filter() or self.resources.clear_marks():
            self.show_keys()
        elif self.running:
            self.stop()
        elif self.pane is Pane.ACTIVITY:
            self.toggle_activity()
        elif self.pane in _BEFORE:
            self.focus_pane(_BEFORE[self.pane])

    # Panes.

    def focus_pane(self, pane: Pane) -> None:
        """Keys go there; a hidden activity pane is shown."""
        if pane is Pane.ACTIVITY:
            self.show_activity(True)
        target = self.query_one(f"#{pane}")
        if target.display:
            target.focus()

    def show_activity(self, show: bool) -> None:
        """Show or hide the log."""
        self.activity.set_class(show, "-shown")
        self.call_after_refresh(self.share_height)
        if show:
            self.activity.reload()
        elif self.pane is Pane.ACTIVITY:
            self.focus_pane(Pane.RESOURCES)

    def toggle_activity(self) -> None:
        """The other way round."""
        self.show_activity(not self.activity.has_class("-shown"))

    def next_difference(self, step: int) -> None:
        """In the diff by attributes, elsewhere by resources."""
        found = self.diff.next_difference(step) if self.pane is Pane.DIFF else self.resources.next_difference(step)
        if not found:
            self.notify("no more differences that way", timeout=2)

    def open(self) -> None:
        """As enter does in the pane."""
        pane = self.query_one(f"#{self.pane}", LineList)
        pane.action_choose()

    def unfold(self) -> None:
        """Show or fold."""
        self.diff.unfold()
        self.share_height()

    def fold(self, *, everything: bool) -> None:
        """Fold or open."""
        if everything:
            self.resources.fold_all()
        else:
            self.resources.toggle_fold()

    # Secrets, copies, help.

    def ask_secrets(self) -> None:
        """Masking again needs no question."""
        if self.diff.revealed:
            self.diff.reveal(False)
        else:
            lines = ("Whoever sees this screen sees them. v masks them again; copies stay masked.",)
            self.ask("Show secret values?", lines, "Show them", lambda: self.diff.reveal(True))

    def show_passphrase(self, service: str) -> None:
        """Where it is kept."""
        from stateroom.ui.screens.passphrases import PassphrasesScreen  # rarely wanted: not at the start

        self.session.prompt.allow()
        self.app.push_screen(PassphrasesScreen(service, self.session.ask))

    def show_app_secrets(self, service: str) -> None:
        """Names only."""
        from stateroom.ui.screens.app_secrets import AppSecretsScreen, secret_names

        self.session.prompt.allow()
        screen = AppSecretsScreen(service)
        self.app.push_screen(screen)
        self.session.ask(lambda cockpit: secret_names(cockpit, service), screen.show)

    def ask(self, title: str, lines: Iterable[str], yes: str, then: Callable[[], object]) -> None:
        """Ask, and do something if the answer is yes."""

        def decided(agreed: bool | None) -> None:
            if agreed:
                then()

        self.app.push_screen(AskScreen(title, lines, yes=yes), decided)

    def _text(self) -> tuple[str, str]:
        """(a name for it, the text of what is marked or under the cursor)."""
        context = self.context
        if context.pane is Pane.VERSIONS and context.version:
            return f"{context.owner}-v{context.version.name}", version_text(context.owner, context.version)
        if context.pane is Pane.ACTIVITY:
            return "activity", "".join(f"{text}\n" for text, _ in self.progress.log)
        addresses = [address for address in self.resources.marked if isinstance(address, tuple)]
        found = [diff for address in addresses if (diff := self.board.find(address))]
        if not found and context.resource:
            found = [context.resource]
        return found[0].logical_id if len(found) == 1 else "resources", resources_text(found)

    def copy(self, *, to_file: bool) -> None:
        """Say where the text went."""
        name, text = self._text()
        if not text:
            self.notify("nothing under the cursor to copy", severity="warning", timeout=3)
        elif to_file:
            self._save(name, text)
        else:
            self.app.copy_to_clipboard(text)
            lines = text.count("\n")
            self.notify(f"{lines} lines copied, if the terminal lets programs copy; Y writes a file", timeout=4)

    def _save(self, name: str, text: str) -> None:
        path = Path(f"stateroom-{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}.txt")
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self.notify(f"cannot write {path}: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"written to {path.absolute()}", markup=False)

    def choose_theme(self) -> None:
        """Textual's own picker, with previews."""
        self.app.search_themes()

    def open_help(self) -> None:
        """With the reasons as they are now."""
        self.app.push_screen(HelpScreen(self.context, self.keys))
