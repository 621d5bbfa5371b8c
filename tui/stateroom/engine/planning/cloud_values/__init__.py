"""The cloud's values of what a plan would overwrite: read once, shown beside its changes, never deciding a step."""
