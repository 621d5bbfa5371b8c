"""Screens: the deck, and what opens over it."""
