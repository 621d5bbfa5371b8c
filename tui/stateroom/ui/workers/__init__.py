"""Threads behind the screen: calls to the engine, and the queue that brings their events back."""
