"""Dialogs that open over the deck."""
