"""Canonical forms of properties, which can be compared with `==`."""
