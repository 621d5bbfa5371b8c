"""Import: take an object of the cloud into a state by its id."""
