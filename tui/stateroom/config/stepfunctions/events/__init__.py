"""Compile what starts a state machine."""
