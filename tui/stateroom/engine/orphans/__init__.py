"""Orphans: resources that bear our mark and stand in no state of the home."""
