"""Compare config, state and cloud, resource by resource."""
