"""AWS provider: one module a service, and shared helpers."""
