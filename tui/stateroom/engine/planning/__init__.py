"""Plan operations as ordered steps. Planning changes nothing."""
