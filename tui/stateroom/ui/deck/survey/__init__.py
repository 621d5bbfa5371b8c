"""Opening and reading the project."""
