"""Compile the events that start a state machine."""
