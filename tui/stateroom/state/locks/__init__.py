"""State locks: one operation at a time on a service and stage."""
