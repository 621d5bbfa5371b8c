"""What a plan refuses before anything runs: types, properties, packages."""
