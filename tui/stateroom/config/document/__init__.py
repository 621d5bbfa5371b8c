"""Parse project files with source locations: YAML, keys and their types."""
