"""Canonical forms of properties, so that equality decides."""
