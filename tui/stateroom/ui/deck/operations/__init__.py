"""Planning an operation, agreeing to it and following it."""
