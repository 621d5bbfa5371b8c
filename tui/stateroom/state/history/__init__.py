"""Past versions of a state, update records, and the journal of a running operation."""
