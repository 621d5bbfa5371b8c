"""Variable sources, one file each. A new source is a function and a line in the table of `registry.py`."""
