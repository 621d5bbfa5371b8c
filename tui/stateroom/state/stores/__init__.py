"""Where bytes are kept: one module a kind of store."""
