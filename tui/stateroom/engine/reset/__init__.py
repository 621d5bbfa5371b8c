"""Reset a home's bootstrap: guided, resumable, without losing a state in it."""
