"""Panes of the deck, one a file, and the formats of their rows."""
