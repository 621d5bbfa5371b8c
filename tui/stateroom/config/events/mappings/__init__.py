"""Compile events that Lambda polls: event source mappings."""
