"""Tables of what may hang on a resource of AWS without being declared, a module for each family."""
