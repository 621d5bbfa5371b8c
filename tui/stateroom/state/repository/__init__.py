"""Objects of a home: states, raw checkpoints, artifacts, and their names."""
