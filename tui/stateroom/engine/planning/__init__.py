"""Plan operations: the ordered steps that each would take. Nothing here changes anything."""
