"""Resolve `${…}` variables."""
