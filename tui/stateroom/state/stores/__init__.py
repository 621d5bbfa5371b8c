"""Object stores: one module a kind."""
