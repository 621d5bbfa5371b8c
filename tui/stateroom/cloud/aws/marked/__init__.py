"""Find what bears stateroom's mark in an account and region, whatever state it belongs to."""
