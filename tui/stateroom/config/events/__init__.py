"""Compile function events, one file a kind. A new kind is a function and a line in the table of `registry.py`."""
