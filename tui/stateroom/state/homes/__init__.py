"""Kinds of state homes, one module each: their object names and how their store is found."""
