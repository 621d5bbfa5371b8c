"""Colours of the screen, and the ASCII signs that replace drawn ones."""
