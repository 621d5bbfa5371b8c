"""Resource types as tables: calls, settings, tags and states of a type, and the handler that runs them."""
