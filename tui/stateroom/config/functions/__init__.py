"""Compile `functions:` and `layers:`."""
