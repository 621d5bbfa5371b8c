"""The objects of one home: states, raw checkpoints, artifacts, and their names."""
