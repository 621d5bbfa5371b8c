"""A survey in words: differences, what agrees and on whose word, and how a service stands."""
