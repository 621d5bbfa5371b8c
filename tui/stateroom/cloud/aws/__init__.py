"""AWS: one module a service, and what they share."""
