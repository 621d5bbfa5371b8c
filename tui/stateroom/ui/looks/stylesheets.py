"""Paths of the style sheets. They are absolute, because Textual looks for others beside the module of the subclass."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "styles"

LINE_STYLES_CSS = _FOLDER / "lines.tcss"
DECK_CSS = _FOLDER / "deck.tcss"
DIALOGS_CSS = _FOLDER / "dialogs.tcss"
