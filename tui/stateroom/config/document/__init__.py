"""Project files as values with source locations: YAML, keys and their types."""
