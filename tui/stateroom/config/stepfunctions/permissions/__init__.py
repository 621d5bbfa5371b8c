"""Compile what a state machine's role may do."""
