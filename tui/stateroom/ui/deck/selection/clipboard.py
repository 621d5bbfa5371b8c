"""Clipboard: what is marked or under the cursor, copied as text or written to a file."""

from __future__ import annotations

import re
from pathlib import Path

from stateroom.presentation.survey.agreement import count
from stateroom.ui.commands import Pane
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.deck.selection.clipboard_text import resources_text, version_text
from stateroom.ui.deck.selection.resource_selection import ResourceSelection


class Clipboard:
    """Copy and save of text, each with a message where it went."""

    def __init__(self, parts: DeckParts, selection: ResourceSelection) -> None:
        self._progress, self._view, self._selection = parts.progress, parts.view, selection

    def copy(self) -> None:
        """Put the text on the clipboard."""
        _, text = self._text()
        if text:
            self._view.app.copy_to_clipboard(text)
            lines = count(text.count("\n"), "line")
            self._view.say(f"{lines} copied, if the terminal lets programs copy; Y writes a file", timeout=4)
        else:
            self._say_empty()

    def save(self) -> None:
        """Write the text to a file in the current directory."""
        name, text = self._text()
        if text:
            self._write(Path(f"stateroom-{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}.txt"), text)
        else:
            self._say_empty()

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self._view.say(f"cannot write {path}: {error.strerror}", severity="error")
        else:
            self._view.say(f"written to {path.absolute()}")

    def _say_empty(self) -> None:
        self._view.say("nothing under the cursor to copy", severity="warning", timeout=3)

    def _text(self) -> tuple[str, str]:
        """Return (a name for it, the text of what is marked or under the cursor)."""
        context = self._selection.context
        if context.pane is Pane.VERSIONS and context.version:
            return f"{context.owner}-v{context.version.name}", version_text(context.owner, context.version)
        if context.pane is Pane.ACTIVITY:
            return "activity", "".join(f"{text}\n" for text, _ in self._progress.log)
        found = self._selection.marked or ([context.resource] if context.resource else [])
        return found[0].logical_id if len(found) == 1 else "resources", resources_text(found)
