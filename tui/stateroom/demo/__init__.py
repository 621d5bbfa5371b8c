"""Demo: an embedded cloud with a sample project deployed to it."""
