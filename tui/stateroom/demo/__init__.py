"""An embedded cloud with a project in it."""
