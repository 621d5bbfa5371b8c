"""Mutants of the product: how they are made, which tests could notice each, and how those are run."""
